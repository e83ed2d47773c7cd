"""Orders with their lines, what was given back of them, and mails sent again."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from apps.core.db.database import (
    FOLDED,
    Base,
    Changing,
    Money,
    UUIDBase,
    enum_check,
    enum_type,
    folded,
)
from apps.core.db.states import Stateful


class OrderState(StrEnum):
    """Pending until it is paid, cancelled or out of time."""

    pending = "pending"
    paid = "paid"
    expired = "expired"
    cancelled = "cancelled"
    refunded = "refunded"


class OrderDispute(StrEnum):
    """How a dispute about the order's payment stands. One that was won is none any more."""

    open = "open"
    lost = "lost"


class Order(Stateful, Changing, UUIDBase):
    """What one customer agreed to. All amounts are minor units of `currency`; `tax` is inside the total.

    `payment_id` is the payment that paid it; a zero total is paid without one. `user_id` is who was signed in.
    While there is a `dispute`, nothing of the order lets anybody in, and nothing of it is sent.
    """

    __tablename__ = "orders"
    __table_args__ = (
        enum_check("state", OrderState),
        enum_check("dispute", OrderDispute),
        CheckConstraint("total = subtotal + shipping AND total >= 0", name="sums_up"),
        CheckConstraint("refunded BETWEEN 0 AND total", name="refunded_within_total"),
        CheckConstraint("state NOT IN ('paid', 'refunded') OR paid_at IS NOT NULL", name="paid_has_time"),
        Index("ix_orders_email", "email", postgresql_ops={"email": "text_pattern_ops"}),
        Index("ix_orders_name", folded("name"), postgresql_using="gin", postgresql_ops=FOLDED),
        Index("ix_orders_state", "state", "id"),
        Index("ix_orders_updated_at", "updated_at", "id"),
        Index("ix_orders_total", "total", "id"),
        Index("ix_orders_paid_at", "paid_at", postgresql_where=text("state = 'paid'")),
        Index("ix_orders_undelivered", "paid_at", postgresql_where=text("state = 'paid' AND delivered_at IS NULL")),
        Index("ix_orders_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index("ix_orders_dispute", "dispute", postgresql_where=text("dispute IS NOT NULL")),
        Index("ix_orders_pay_until", "pay_until", postgresql_where=text("state = 'pending'")),
    )
    TRANSITIONS = {
        OrderState.pending: frozenset({OrderState.paid, OrderState.expired, OrderState.cancelled}),
        OrderState.expired: frozenset({OrderState.paid}),
        OrderState.paid: frozenset({OrderState.refunded}),
        OrderState.cancelled: frozenset(),
        OrderState.refunded: frozenset(),
    }

    number: Mapped[str] = mapped_column(String(12), unique=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(8))
    cart_id: Mapped[UUID | None] = mapped_column(unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[OrderState] = mapped_column(enum_type(OrderState))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    locale: Mapped[str] = mapped_column(String(5))
    currency: Mapped[str] = mapped_column(String(3))
    subtotal: Mapped[Money]
    shipping: Mapped[Money]
    tax: Mapped[Money]
    total: Mapped[Money]
    refunded: Mapped[Money] = mapped_column(default=0, server_default="0")
    pay_until: Mapped[datetime]
    payment_id: Mapped[UUID | None]
    paid_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    dispute: Mapped[OrderDispute | None] = mapped_column(enum_type(OrderDispute))
    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise_on_sql", order_by="OrderLine.position")

    def mark_paid(self, *, at: datetime, payment_id: UUID | None) -> None:
        self.move(OrderState.paid)
        self.paid_at = at
        self.payment_id = payment_id


class OrderLine(Base):
    """A line keeps the id it had in the cart, so that its holds stay its own.

    `title` and its `translations` are the offer's at that moment: a later renaming changes no order.
    `refunded_quantity` pieces were paid back; `freed_quantity` of them could go back on sale.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"]),
        CheckConstraint("quantity > 0 AND total = quantity * unit_price", name="sums_up"),
        CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_within_quantity"),
        CheckConstraint("freed_quantity BETWEEN 0 AND refunded_quantity", name="freed_within_refunded"),
        Index("ix_order_line_order_id", "order_id"),
        Index("ix_order_line_offer_id", "offer_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    offer_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    translations: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    quantity: Mapped[int]
    unit_price: Mapped[Money]
    total: Mapped[Money]
    tax: Mapped[Money]
    refunded_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    freed_quantity: Mapped[int] = mapped_column(default=0, server_default="0")


class OrderRefund(UUIDBase):
    """What was given back of a paid order, once for each `key`: money, by payments' refund `refund_id`, or pieces."""

    __tablename__ = "order_refund"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        UniqueConstraint("refund_id"),
        CheckConstraint("amount >= 0 AND (amount > 0) = (refund_id IS NOT NULL)", name="money_is_sent"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    key: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Money]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund.id"))
    lines: Mapped[list["OrderRefundLine"]] = relationship(lazy="raise_on_sql")


class OrderRefundLine(Base):
    """How many pieces of a line came back with a refund."""

    __tablename__ = "order_refund_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="has_quantity"),)

    order_refund_id: Mapped[UUID] = mapped_column(ForeignKey("order_refund.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    quantity: Mapped[int]


class OrderResend(UUIDBase):
    """An order's mail that was asked for once more."""

    __tablename__ = "order_resend"
    __table_args__ = (Index("ix_order_resend_order_id", "order_id", "created_at"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    recipient: Mapped[str] = mapped_column(String(254))
