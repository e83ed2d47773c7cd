"""The demo provider's own books: what a real provider would keep on its side."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Money, UUIDBase, enum_check, enum_type


class DemoState(StrEnum):
    open = "open"
    failed = "failed"
    paid = "paid"
    closed = "closed"


class DemoCheckout(UUIDBase):
    """A hosted pay page; its id is the shop's payment id."""

    __tablename__ = "demo_checkout"
    __table_args__ = (
        enum_check("state", DemoState),
        CheckConstraint("refunded BETWEEN 0 AND amount", name="refunded_within_amount"),
    )

    description: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[DemoState] = mapped_column(enum_type(DemoState), default=DemoState.open)
    return_url: Mapped[str] = mapped_column(String(2000))
    expires_at: Mapped[datetime]
    refunded: Mapped[Money] = mapped_column(default=0, server_default="0")


class DemoRefund(UUIDBase):
    """Money sent back; its id is the shop's refund id."""

    __tablename__ = "demo_refund"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("demo_checkout.id"))
    amount: Mapped[Money]
