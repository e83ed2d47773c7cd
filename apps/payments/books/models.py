"""The books: double entry, append-only. What they say is kept true by the database (docs/decisions/books.md)."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Money, UUIDBase, enum_check, enum_type


class Account(StrEnum):
    """What is debited and credited, of one provider and currency."""

    provider = "provider"
    """Ours, and at the provider."""
    bank = "bank"
    """Paid out to us."""
    fees = "fees"
    """What providers have kept."""
    disputed = "disputed"
    """Taken back by a bank that has not decided yet."""
    orders = "orders"
    """What customers paid, less what went back to them."""


class Cause(StrEnum):
    """Why money moved."""

    charge = "charge"
    fee = "fee"
    refund = "refund"
    dispute = "dispute"
    payout = "payout"


class Phase(StrEnum):
    """A transfer is made at once, or in two phases: it is pending, and then posted or voided, by another transfer."""

    at_once = "at_once"
    pending = "pending"
    posted = "posted"
    voided = "voided"


MOVES_MONEY = (Phase.at_once, Phase.posted)


class Transfer(UUIDBase):
    """`amount` minor units from the account that is credited to the one that is debited: it sums to zero by itself.

    `entry_id`: those that were written together. `key` names the cause, so that a repeat writes nothing.
    `pending_id`: what is posted or voided by this one, once, with the same accounts and amount. `owner_id`: the order
    that it is for. `day`: on the band's clocks. Triggers keep it from being changed, and `pending_id` to its promise.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        enum_check("cause", Cause),
        enum_check("phase", Phase),
        enum_check("debit_account", Account),
        enum_check("credit_account", Account),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("(pending_id IS NOT NULL) = (phase IN ('posted', 'voided'))", name="ends_what_is_pending"),
        UniqueConstraint("key"),
        UniqueConstraint("pending_id"),
        Index("ix_ledger_transfer_owner_id", "owner_id"),
        Index("ix_ledger_transfer_day", "day", postgresql_using="brin"),
    )

    entry_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(300))
    cause: Mapped[Cause] = mapped_column(enum_type(Cause))
    phase: Mapped[Phase] = mapped_column(enum_type(Phase))
    pending_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfer.id"))
    debit_account: Mapped[Account] = mapped_column(enum_type(Account))
    credit_account: Mapped[Account] = mapped_column(enum_type(Account))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    provider: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[UUID | None]
    day: Mapped[date]
