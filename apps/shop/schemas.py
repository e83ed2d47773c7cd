"""Merch as the API shows it to fans, in their language. Prices are minor units of `currency` and include tax."""

from uuid import UUID

from msgspec import Struct

from apps.core.http.pagination import Page
from apps.core.text.datetimes import AwareDatetime
from apps.orders.offers.availability import Availability


class ImageOut(Struct):
    """`alt` says what is to be seen."""

    url: str
    alt: str


class CategoryOut(Struct):
    """`products`: how many products of it are published."""

    slug: str
    title: str
    products: int


class CategoryNameOut(Struct):
    """The category of a product."""

    slug: str
    title: str


class VariantOut(Struct):
    """`id` is the offer to put into a cart; `options` follow the product's `option_names`.

    With `minimum` the fan names the price, from there up. The texts are the prices as people write them.
    `availability` is null while it is not on sale.
    `for_members`: nobody else can buy it at the moment; `member_price` is what they pay, if less. A member is who has
    the `entitlement`.
    """

    id: UUID
    options: list[str]
    sku: str
    price: int | None
    price_text: str | None
    compare_at: int | None
    compare_at_text: str | None
    minimum: int | None
    max_per_order: int
    availability: Availability | None
    left: int | None
    sale_from: AwareDatetime | None
    entitlement: str | None
    for_members: bool
    member_price: int | None
    member_price_text: str | None


class ProductSummaryOut(Struct):
    """`price_from` is the cheapest variant's, `price_text` as people write it; null without one in `currency`.

    `price_to` is the dearest variant's. `compare_at` is the price before, where all that costs `price_from` had one.
    """

    id: UUID
    slug: str
    title: str
    category: CategoryNameOut | None
    currency: str
    price_from: int | None
    price_text: str | None
    price_to: int | None
    compare_at: int | None
    compare_at_text: str | None
    availability: Availability
    image: ImageOut | None


class ProductSummaryPageOut(Page[ProductSummaryOut]):
    """A page of products; `next` goes into `after`, null on the last page.

    `truncated`: more products have the words of `q` than a search looks at (some 300), and not all of these are in the
    list. Say more words, or a category.
    """

    truncated: bool


class ProductOut(Struct):
    """`description` is sanitised HTML."""

    id: UUID
    slug: str
    title: str
    description: str
    vendor: str
    category: CategoryNameOut | None
    tags: list[str]
    option_names: list[str]
    currency: str
    variants: list[VariantOut]
    images: list[ImageOut]
