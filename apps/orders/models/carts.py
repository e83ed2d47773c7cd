"""Carts and their lines."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import (
    Base,
    Money,
    UUIDBase,
)


class Cart(UUIDBase):
    """`expires_at` is the clock a fan sees; `held_since` bounds its renewals. A placed cart is closed for ever.

    `user_id` is whose it is; without one, of whoever has its token. A user has one open cart. `trimmed`: when it was
    joined with another, not everything fitted; until its next change.
    """

    __tablename__ = "cart"
    __table_args__ = (
        Index("ix_cart_updated_at", "updated_at", postgresql_using="brin"),
        Index(
            "uq_cart_user_id",
            "user_id",
            unique=True,
            postgresql_where=text("user_id IS NOT NULL AND NOT placed"),
        ),
    )

    currency: Mapped[str] = mapped_column(String(3))
    locale: Mapped[str] = mapped_column(String(5))
    held_since: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    placed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    trimmed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    updated_at: Mapped[datetime]


class CartLine(Base):
    """`price` is what the fan named, where naming is asked for; else the offer's price of the day counts."""

    __tablename__ = "cart_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="has_quantity"), Index("ix_cart_line_cart_id", "cart_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cart_id: Mapped[UUID] = mapped_column(ForeignKey("cart.id", ondelete="CASCADE"))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    quantity: Mapped[int]
    price: Mapped[Money | None]
