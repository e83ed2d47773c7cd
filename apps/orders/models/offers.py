"""Offers: anything with a price that can be put in the cart, its prices, and what it takes of pools."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from apps.core.db.database import (
    FOLDED,
    Archivable,
    Base,
    Money,
    Translated,
    UUIDBase,
    folded,
)


class OfferKind(Base):
    """What the database knows of as a kind of thing to sell: each app that brings one adds its row by a migration."""

    __tablename__ = "offer_kind"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)


class Offer(Archivable, Translated, UUIDBase):
    """Anything with a price that can be put in the cart; each kind adds its own table.

    Its children's apps keep `active` and the sale window true to what lies above: a product that is not published, a
    concert that is cancelled. Prices include tax.

    `entitlement`: whose holders are its members. They may buy it before others do, from `early_from`; where it is
    `members_only` nobody else may at all.
    """

    __tablename__ = "offer"
    __table_args__: tuple[SchemaItem, ...] = (
        UniqueConstraint("id", "kind"),
        CheckConstraint("max_per_order > 0", name="order_limit"),
        CheckConstraint("max_per_customer > 0", name="customer_limit"),
        CheckConstraint("sale_from < sale_until", name="sale_window"),
        CheckConstraint("early_from < sale_from", name="early_window"),
        CheckConstraint("entitlement IS NOT NULL OR NOT members_only AND early_from IS NULL", name="members_known"),
        Index("ix_offer_title", "title", "id"),
        Index("ix_offer_words", folded("title"), postgresql_using="gin", postgresql_ops=FOLDED),
    )
    __mapper_args__ = {"polymorphic_on": "kind"}

    kind: Mapped[str] = mapped_column(ForeignKey("offer_kind.name"))
    title: Mapped[str] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    sale_from: Mapped[datetime | None]
    sale_until: Mapped[datetime | None]
    max_per_order: Mapped[int] = mapped_column(default=10, server_default="10")
    max_per_customer: Mapped[int | None]
    tax_class: Mapped[str] = mapped_column(String(20), default="standard", server_default="standard")
    needs_shipping: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    entitlement: Mapped[str | None] = mapped_column(String(60))
    members_only: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    early_from: Mapped[datetime | None]
    prices: Mapped[list["OfferPrice"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql", passive_deletes=True
    )
    allocation: Mapped[list["OfferPool"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql", passive_deletes=True
    )


class OfferPrice(Base):
    """`minimum` makes it name-your-price: the fan gives a price from there up; `amount` is what is proposed.

    `reduced` takes the place of `amount`, and `reduced_compare_at` that of `compare_at`, from `reduced_from` until
    `reduced_until` by the database's clock (apps/orders/prices.py), and never makes it dearer.
    `member_amount`: what the offer's members pay, unless the others pay less.
    """

    __tablename__ = "offer_price"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="not_negative"),
        CheckConstraint("minimum >= 0", name="minimum_not_negative"),
        CheckConstraint("reduced >= 0", name="reduced_not_negative"),
        CheckConstraint("member_amount >= 0", name="member_not_negative"),
        CheckConstraint("reduced_from < reduced_until", name="reduced_window"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount: Mapped[Money]
    minimum: Mapped[Money | None]
    member_amount: Mapped[Money | None]
    compare_at: Mapped[Money | None]
    reduced: Mapped[Money | None]
    reduced_compare_at: Mapped[Money | None]
    reduced_from: Mapped[datetime | None]
    reduced_until: Mapped[datetime | None]


class OfferPool(Base):
    """How many units of a pool one piece of the offer takes."""

    __tablename__ = "offer_pool"
    __table_args__ = (CheckConstraint("units > 0", name="has_units"), Index("ix_offer_pool_pool_id", "pool_id"))

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"), primary_key=True)
    units: Mapped[int] = mapped_column(default=1, server_default="1")
