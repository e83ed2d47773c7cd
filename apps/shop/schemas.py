"""Merch as the API shows it. Prices are minor units of `currency` and include tax."""

from uuid import UUID

from msgspec import Struct

from apps.orders.availability import Availability


class ImageOut(Struct):
    url: str
    alt: str


class VariantOut(Struct):
    """`id` is the offer to put into a cart; `options` follow the product's `option_names`."""

    id: UUID
    options: list[str]
    sku: str
    price: int | None
    compare_at: int | None
    minimum: int | None
    availability: Availability
    left: int | None


class ProductSummaryOut(Struct):
    """`price_from` is the cheapest variant's, null when none has a price in `currency`."""

    id: UUID
    slug: str
    title: str
    category: str
    currency: str
    price_from: int | None
    availability: Availability
    image: ImageOut | None


class ProductOut(Struct):
    """`description` is sanitised HTML."""

    id: UUID
    slug: str
    title: str
    description: str
    vendor: str
    category: str
    tags: list[str]
    option_names: list[str]
    currency: str
    variants: list[VariantOut]
    images: list[ImageOut]
