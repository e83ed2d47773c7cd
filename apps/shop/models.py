"""Merch: categories, products, their variants (the offers) and pictures, and what has to be sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from apps.core.db.database import (
    SHOWS_PICTURES,
    Archivable,
    Base,
    Changing,
    Money,
    Translated,
    UUIDBase,
    enum_check,
    enum_type,
)
from apps.core.db.states import Stateful
from apps.imports.models import FileImport
from apps.orders.models import Offer

MERCH = "merch"
"""The kind of its offers."""
TITLES = "jsonb_path_query_array(translations, '$.*.title')"
LISTED = text("published AND archived_at IS NULL")
SEARCH = f"fold(title || ' ' || vendor || ' ' || tags::text || ' ' || {TITLES}::text)"
WORDS = f"array_to_tsvector(product_words({SEARCH}))"


def is_sold(*, published: bool, archived: bool) -> bool:
    """Whether a product, or a variant of one that is sold, can be bought: kept in its offers' `active`."""
    return published and not archived


def offer_title(title: str, options: Sequence[str]) -> str:
    """What carts and orders call a variant: "Wake hoodie · L / Black"."""
    return f"{title} · {' / '.join(options)}" if options else title


def called(options: Sequence[str], texts: Mapping[str, str] | None) -> list[str]:
    """Names or values of options in another language; what has no text in it is called as it is."""
    return [(texts or {}).get(each, each) for each in options]


class Category(Archivable, Translated, UUIDBase):
    """Where fans look for a product; `position` orders the list."""

    __tablename__ = "category"

    slug: Mapped[str] = mapped_column(String(200), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    position: Mapped[int] = mapped_column(default=0, server_default="0")


class Product(Archivable, Changing, Translated, UUIDBase):
    """`option_names` are what its variants differ in: ["Size", "Color"]; `description` is sanitised HTML.

    At `publish_at` it is published by itself. `search` is what a search looks through, without accents and capitals;
    `words` are its words, each once.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("NOT published OR publish_at IS NULL", name="published_once"),
        Index("ix_product_publish_at", "publish_at", postgresql_where=text("publish_at IS NOT NULL")),
        Index("ix_product_title", "title", "id", postgresql_where=LISTED),
        Index("ix_product_created_at", "created_at", "id", postgresql_where=LISTED),
        Index("ix_product_category_id_title", "category_id", "title", "id", postgresql_where=LISTED),
        Index("ix_product_category_id_created_at", "category_id", "created_at", "id", postgresql_where=LISTED),
        Index("ix_product_search_begins", text('"left"(search, 100)'), postgresql_where=LISTED),
        Index("ix_product_updated_at", "updated_at", "id"),
        Index("ix_product_vendor", "vendor", "id"),
        Index("ix_product_tags", "tags", postgresql_using="gin"),
        Index("ix_product_words", "words", postgresql_using="gin", postgresql_where=LISTED),
        Index("ix_product_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    slug: Mapped[str] = mapped_column(String(200), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, default="", server_default="", info=SHOWS_PICTURES)
    vendor: Mapped[str] = mapped_column(String(255), default="", server_default="")
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"))
    tags: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    option_names: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    published: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    publish_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(Text(collation="C"), Computed(SEARCH, persisted=True), deferred=True)
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(WORDS, persisted=True), deferred=True)
    category: Mapped[Category | None] = relationship(lazy="raise_on_sql")
    variants: Mapped[list["Variant"]] = relationship(
        back_populates="product", order_by="Variant.position", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    images: Mapped[list["ProductImage"]] = relationship(
        order_by="ProductImage.position, ProductImage.id", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class ProductImport(FileImport):
    """A file of products."""

    __tablename__ = None  # type: ignore[assignment]
    __mapper_args__ = {"polymorphic_identity": "products"}


class ProductWord(Base):
    """Every word of letters that products have had in `words`, to correct what people type by. Triggers add to it."""

    __tablename__ = "product_word"
    __table_args__ = (
        Index("ix_product_word_word", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
        Index("ix_product_word_left", text('"left"(word, 1)'), text("length(word)")),
        Index("ix_product_word_right", text('"right"(word, 1)'), text("length(word)")),
    )

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class Variant(Offer):
    """One choice of the product's options, in their order: ["L", "Black"]; [] for a product without options."""

    __tablename__ = "variant"
    __table_args__ = (
        UniqueConstraint("product_id", "options", deferrable=True, initially="DEFERRED"),  # so that two can swap
        Index("ix_variant_product_id_position", "product_id", "position"),
    )
    __mapper_args__ = {"polymorphic_identity": MERCH}

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"))
    options: Mapped[list[str]]
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    sku: Mapped[str] = mapped_column(String(255), default="", server_default="")
    barcode: Mapped[str] = mapped_column(String(255), default="", server_default="")
    grams: Mapped[int] = mapped_column(default=0, server_default="0")
    product: Mapped[Product] = relationship(back_populates="variants", lazy="raise_on_sql")


class ProductPrice(Base):
    """A product's lowest and highest price in a currency, of what can be bought of it; with its category, to sort by.

    `compare_at` is the price before of all that costs `amount`, null where some of it has none. There is a row for each
    span of time in which a price is reduced or not, `since` … `until`. Triggers keep it true to product and variants;
    nothing else writes here.
    """

    __tablename__ = "product_price"
    __table_args__ = (
        Index("ix_product_price_currency_amount", "currency", "amount", "product_id"),
        Index("ix_product_price_category_id", "category_id", "currency", "amount", "product_id"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True, server_default=text("'-infinity'"))
    until: Mapped[datetime] = mapped_column(server_default=text("'infinity'"))
    amount: Mapped[Money]
    highest: Mapped[Money]
    compare_at: Mapped[Money | None]
    category_id: Mapped[UUID | None]


class ProductImage(UUIDBase):
    """`source_url` is a path of our own; until it is fetched, the address that the picture lies at."""

    __tablename__ = "product_image"
    __table_args__ = (
        UniqueConstraint("product_id", "source_url"),
        Index("ix_product_image_source_url", "source_url"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    source_url: Mapped[str] = mapped_column(String(2000), info=SHOWS_PICTURES)
    alt: Mapped[str] = mapped_column(String(512), default="", server_default="")
    position: Mapped[int] = mapped_column(default=0, server_default="0")


class ShipmentState(StrEnum):
    unfulfilled = "unfulfilled"
    packed = "packed"
    shipped = "shipped"
    delivered = "delivered"
    returned = "returned"
    waiting_for_pickup = "waiting_for_pickup"
    picked_up = "picked_up"
    cancelled = "cancelled"


class Shipment(Stateful, UUIDBase):
    """The merch of one order line on its way to the fan; without an address it waits at the merch table.

    `tracking` is the parcel service's number, or an address to follow it at.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        enum_check("state", ShipmentState),
        CheckConstraint("quantity >= 0", name="quantity"),
        Index("ix_shipment_order_id", "order_id"),
        Index("ix_shipment_state", "state", "order_id"),
    )
    TRANSITIONS = {
        ShipmentState.unfulfilled: frozenset({ShipmentState.packed, ShipmentState.cancelled}),
        ShipmentState.packed: frozenset({ShipmentState.shipped, ShipmentState.cancelled}),
        ShipmentState.shipped: frozenset({ShipmentState.delivered, ShipmentState.returned}),
        ShipmentState.delivered: frozenset({ShipmentState.returned}),
        ShipmentState.returned: frozenset(),
        ShipmentState.waiting_for_pickup: frozenset({ShipmentState.picked_up, ShipmentState.cancelled}),
        ShipmentState.picked_up: frozenset({ShipmentState.returned}),
        ShipmentState.cancelled: frozenset(),
    }

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), unique=True)
    quantity: Mapped[int]
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[ShipmentState] = mapped_column(enum_type(ShipmentState))
    tracking: Mapped[str] = mapped_column(String(200), default="", server_default="")
    moved_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
