"""What does not agree between our books and a provider's own list."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Money, UUIDBase, enum_check, enum_type
from apps.payments.providers import TransactionKind


class Problem(StrEnum):
    missing_here = "missing_here"
    missing_there = "missing_there"
    other_amount = "other_amount"
    other_currency = "other_currency"
    other_state = "other_state"


class Difference(UUIDBase):
    """A charge or refund; found again it is the same row.

    `reference`: what the provider calls it, else our id. `here`, `there`: minor units by our books and by the
    provider's, of `currency`, which is the provider's where they differ. `found_at`: when it was last found.
    `gone_at`: since when it agrees. `dismissed_at`: when somebody said that it may stay so, and why, in `note`.
    """

    __tablename__ = "payment_difference"
    __table_args__ = (
        enum_check("kind", TransactionKind),
        enum_check("problem", Problem),
        UniqueConstraint("provider", "kind", "reference"),
        Index("ix_payment_difference_payment_id", "payment_id"),
        Index("ix_payment_difference_open", "id", postgresql_where=text("gone_at IS NULL AND dismissed_at IS NULL")),
    )

    provider: Mapped[str] = mapped_column(String(20))
    kind: Mapped[TransactionKind] = mapped_column(enum_type(TransactionKind))
    problem: Mapped[Problem] = mapped_column(enum_type(Problem))
    reference: Mapped[str] = mapped_column(String(200))
    happened_at: Mapped[datetime]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    here: Mapped[Money | None]
    there: Mapped[Money | None]
    currency: Mapped[str] = mapped_column(String(3))
    found_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
