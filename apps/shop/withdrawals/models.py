"""Withdrawals from the contract, and the pieces that each is about."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from apps.core.db.database import Base, UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful


class WithdrawalState(StrEnum):
    """Open until the goods are back, the money is on its way, or it was refused."""

    open = "open"
    received_back = "received_back"
    refunded = "refunded"
    refused = "refused"


WAITING = (WithdrawalState.open, WithdrawalState.received_back)
"""What staff have to see to; its pieces cannot be withdrawn once more."""


class Withdrawal(Stateful, UUIDBase):
    """What a fan has declared; `created_at` is the time of its submission.

    `statement` is the text that was confirmed, `email` where its receipt goes. `note` is why it was refused, as the fan
    was told. `key` names it among those of its order, so that a second click makes no second one. A trigger refuses
    pieces beyond those that were bought and neither refunded nor withdrawn.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        enum_check("state", WithdrawalState),
        CheckConstraint("(state = 'refused') = (refused_at IS NOT NULL)", name="refused_has_time"),
        Index("ix_withdrawal_order_number", "order_number"),
        Index("ix_withdrawal_waiting", "id", postgresql_where=text("state IN ('open', 'received_back')")),
    )
    TRANSITIONS = {
        WithdrawalState.open: frozenset(
            {WithdrawalState.received_back, WithdrawalState.refunded, WithdrawalState.refused}
        ),
        WithdrawalState.received_back: frozenset({WithdrawalState.refunded, WithdrawalState.refused}),
        WithdrawalState.refunded: frozenset(),
        WithdrawalState.refused: frozenset(),
    }

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    order_number: Mapped[str] = mapped_column(String(12))
    key: Mapped[UUID]
    state: Mapped[WithdrawalState] = mapped_column(enum_type(WithdrawalState))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    statement: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    received_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    lines: Mapped[list["WithdrawalLine"]] = relationship(lazy="raise_on_sql")

    @property
    def number(self) -> str:
        """What people call it: it goes by its order."""
        return self.order_number


class WithdrawalLine(Base):
    """How many pieces of an order's line are withdrawn."""

    __tablename__ = "withdrawal_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="has_quantity"),
        Index("ix_withdrawal_line_order_line_id", "order_line_id"),
    )

    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("withdrawal.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    quantity: Mapped[int]
