"""Merch as staff write and see it. A change sends what a creation sends; amounts are minor units and include tax."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.slugs import Slug
from apps.core.text.string_types import BLANK, END, LINE, WEB, Quantity, Title
from apps.core.text.translations import OtherLocale
from apps.media.urls import ADDRESS
from apps.orders.schemas import Allocation, MembersIn, PriceIn, Prices

Html = Annotated[str, Meta(max_length=200_000, pattern=rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*{END}")]
"""As wide as what the importer takes; sanitised when kept."""
Code = Annotated[str, Meta(max_length=255, pattern=LINE)]
Position = Annotated[int, Meta(ge=0, le=2**31 - 1, description="Lists show the lowest first.")]
Url = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=rf"^({WEB}|/static/[^{BLANK}]+|{ADDRESS}){END}",
        description="An address of the web, a path of this site under /static/, or the `url` of an uploaded image.",
        examples=["https://img.example.org/hoodie.jpg"],
    ),
]


class TitleTexts(Struct, forbid_unknown_fields=True):
    """The title in another language."""

    title: Title


class CategoryIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Without a `slug` it is made of the title."""

    title: Title
    slug: Slug | None = None
    position: Position = 0
    translations: Mapping[OtherLocale, TitleTexts] = {}


class CategoryStaffOut(Struct, kw_only=True):
    """A category with its translations."""

    id: UUID
    title: str
    slug: str
    position: int
    translations: dict[str, TitleTexts]
    archived_at: AwareDatetime | None


MOST_OPTION_TEXTS = 200
OptionTexts = Annotated[
    Mapping[Title, Title],
    Meta(
        max_length=MOST_OPTION_TEXTS,
        description="What the options and their values are called, by what they are called in the main language.",
        examples=[{"Size": "Размер", "Black": "Чёрный"}],
    ),
]


class ProductTexts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """In one language; what is not given is shown in the main one."""

    title: Title | None = None
    description: Html | None = None
    options: OptionTexts = {}


class ImageIn(Struct, forbid_unknown_fields=True):
    """`alt` says what is on the picture, for who cannot see it."""

    url: Url
    alt: Annotated[str, Meta(max_length=512, pattern=LINE)] = ""


class ProductIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """`description` is HTML, and kept without what could do harm. `category` is an id. Images are shown in their order.

    `option_names` are what its variants differ in. Only what is `published` is shown and sold; what is not yet, is
    published by itself at `publish_at`.
    """

    title: Title
    slug: Slug | None = None
    description: Html = ""
    vendor: Code = ""
    category: Annotated[UUID | None, Meta(examples=[None])] = None
    tags: Annotated[list[Title], Meta(max_length=100)] = []
    option_names: Annotated[list[Title], Meta(max_length=3)] = []
    published: bool = False
    publish_at: Annotated[AwareDatetime | None, Meta(examples=[None])] = None
    images: Annotated[list[ImageIn], Meta(max_length=250)] = []
    translations: Mapping[OtherLocale, ProductTexts] = {}


class ProductListedOut(Struct, kw_only=True):
    """A product in the staff's list; `variants` counts those in use, and `updated_at` is of all that belongs to it."""

    id: UUID
    title: str
    slug: str
    category: UUID | None
    published: bool
    variants: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    archived_at: AwareDatetime | None


class ProductStaffOut(Struct, kw_only=True):
    """A product with all that staff may change, drafts too."""

    id: UUID
    title: str
    slug: str
    description: str
    vendor: str
    category: UUID | None
    tags: list[str]
    option_names: list[str]
    published: bool
    publish_at: AwareDatetime | None
    images: list[ImageIn]
    translations: dict[str, ProductTexts]
    created_at: AwareDatetime
    archived_at: AwareDatetime | None


class VariantFacts(MembersIn, forbid_unknown_fields=True, kw_only=True):
    """All but what it takes of the pools."""

    options: Annotated[list[Title], Meta(max_length=3)] = []
    prices: Prices
    sku: Code = ""
    barcode: Code = ""
    grams: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    position: Position = 0
    max_per_order: Quantity = 10
    max_per_customer: Quantity | None = None
    sale_from: AwareDatetime | None = None
    sale_until: AwareDatetime | None = None
    needs_shipping: bool = True
    tax_class: Literal["standard", "exempt"] = "standard"


class VariantIn(VariantFacts, kw_only=True):
    """`options` are one value for each of the `option_names`. With an empty `allocation` nothing is counted."""

    allocation: Allocation


class NewVariantIn(VariantFacts, kw_only=True):
    """Either `stock`, for a pool of its own of so many, or an `allocation`: with an empty one nothing is counted."""

    stock: Annotated[int, Meta(ge=0, le=1_000_000, examples=[40])] | None = None
    allocation: Annotated[Allocation | None, Meta(examples=[None])] = None


class VariantStaffOut(Struct, kw_only=True):
    """`active`: it can be bought while its sale window is open. `title` is what carts and orders say."""

    id: UUID
    product: UUID
    title: str
    options: list[str]
    prices: dict[str, PriceIn]
    allocation: dict[UUID, int]
    sku: str
    barcode: str
    grams: int
    position: int
    max_per_order: int
    max_per_customer: int | None
    sale_from: AwareDatetime | None
    sale_until: AwareDatetime | None
    needs_shipping: bool
    tax_class: str
    entitlement: str | None
    members_only: bool
    early_from: AwareDatetime | None
    active: bool
    archived_at: AwareDatetime | None


class ProductWithVariantsOut(ProductStaffOut, kw_only=True):
    """Its variants in use, with all their facts, so that the version covers them."""

    variants: list[VariantStaffOut]
