"""Payments and refunds at a provider, and the inbox of what providers report."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Money, UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful


class PaymentState(StrEnum):
    created = "created"
    pending = "pending"
    failed = "failed"
    cancelled = "cancelled"
    confirmed = "confirmed"


ACTIVE = (PaymentState.created, PaymentState.pending, PaymentState.failed)


class Failure(StrEnum):
    """Why a payment did not go through, as far as its provider says."""

    declined = "declined"
    insufficient_funds = "insufficient_funds"
    expired_card = "expired_card"
    not_authenticated = "not_authenticated"
    other = "other"


class Payment(Stateful, UUIDBase):
    """An amount asked of a provider for an owner (who that is, only the owner's app knows).

    The provider's idempotency key is our id; it calls the payment `reference`, and the money `charge_reference` where
    that has a name of its own. `expires_at`: when its page to pay at ends by itself. Confirmed absorbs: whatever is
    reported later, the money is here. `settled_at`: when the owner took the money, or sent it back. `dismissed_at`:
    when somebody said that nothing has to be done about what went wrong; whatever goes wrong later empties it.
    """

    __tablename__ = "payment"
    __table_args__ = (
        enum_check("state", PaymentState),
        enum_check("failure", Failure),
        CheckConstraint("amount > 0 AND captured >= 0", name="amounts"),
        CheckConstraint("(captured > 0) = (state = 'confirmed')", name="captured_when_confirmed"),
        CheckConstraint("settled_at IS NULL OR state = 'confirmed'", name="settled_when_confirmed"),
        CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded_within_captured"),
        Index(
            "uq_payment_one_active",
            "owner_id",
            unique=True,
            postgresql_where=text("state IN ('created', 'pending', 'failed')"),
        ),
        Index("ix_payment_owner_id", "owner_id"),
        Index("ix_payment_charge_reference", "charge_reference", postgresql_where=text("charge_reference IS NOT NULL")),
        Index("ix_payment_state", "state", "id"),
        Index("ix_payment_unsettled", "checked_at", postgresql_where=text("state IN ('created', 'pending', 'failed')")),
        Index("ix_payment_received", "checked_at", postgresql_where=text("state = 'confirmed' AND settled_at IS NULL")),
    )
    TRANSITIONS = {
        PaymentState.created: frozenset(
            {PaymentState.pending, PaymentState.failed, PaymentState.cancelled, PaymentState.confirmed}
        ),
        PaymentState.pending: frozenset({PaymentState.failed, PaymentState.cancelled, PaymentState.confirmed}),
        PaymentState.failed: frozenset({PaymentState.pending, PaymentState.cancelled, PaymentState.confirmed}),
        PaymentState.cancelled: frozenset({PaymentState.confirmed}),
        PaymentState.confirmed: frozenset(),
    }

    owner_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[PaymentState] = mapped_column(enum_type(PaymentState), default=PaymentState.created)
    reference: Mapped[str | None] = mapped_column(String(200))
    charge_reference: Mapped[str | None] = mapped_column(String(200))
    pay_url: Mapped[str | None] = mapped_column(String(2000))
    expires_at: Mapped[datetime]
    checked_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    captured: Mapped[Money] = mapped_column(default=0, server_default="0")
    refunded: Mapped[Money] = mapped_column(default=0, server_default="0")
    confirmed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    failure: Mapped[Failure | None] = mapped_column(enum_type(Failure))
    dismissed_at: Mapped[datetime | None]

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded


class RefundState(StrEnum):
    created = "created"
    in_transit = "in_transit"
    done = "done"
    failed = "failed"


class Refund(Stateful, UUIDBase):
    """Money going back. `key` makes asking twice for the same refund one refund.

    What is done may still fail: a bank sends it back days later.
    """

    __tablename__ = "refund"
    __table_args__ = (
        enum_check("state", RefundState),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_refund_payment_id", "payment_id"),
        Index("ix_refund_failed", "created_at", postgresql_where=text("state = 'failed'")),
        Index("ix_refund_unsent", "checked_at", postgresql_where=text("state IN ('created', 'in_transit')")),
    )
    TRANSITIONS = {
        RefundState.created: frozenset({RefundState.in_transit, RefundState.done, RefundState.failed}),
        RefundState.in_transit: frozenset({RefundState.done, RefundState.failed}),
        RefundState.done: frozenset({RefundState.failed}),
        RefundState.failed: frozenset(),
    }

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    amount: Mapped[Money]
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[RefundState] = mapped_column(enum_type(RefundState), default=RefundState.created)
    checked_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    reference: Mapped[str | None] = mapped_column(String(200))


class Discrepancy(UUIDBase):
    """Money that a provider reports and our books do not have: another amount than was captured, another currency.

    None of it is settled; a person has to see to it. The same report again is the same row.
    """

    __tablename__ = "payment_discrepancy"
    __table_args__ = (
        UniqueConstraint("payment_id", "amount", "currency"),
        CheckConstraint("amount > 0", name="amount"),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))


class DisputeState(StrEnum):
    open = "open"
    won = "won"
    lost = "lost"


class Dispute(Stateful, UUIDBase):
    """A customer has asked the bank for the money of a payment back. What follows, the apps above know."""

    __tablename__ = "payment_dispute"
    __table_args__ = (
        UniqueConstraint("payment_id", "reference"),
        enum_check("state", DisputeState),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_dispute_open", "created_at", postgresql_where=text("state = 'open'")),
    )
    TRANSITIONS = {
        DisputeState.open: frozenset({DisputeState.won, DisputeState.lost}),
        DisputeState.won: frozenset({DisputeState.lost}),
        DisputeState.lost: frozenset({DisputeState.won}),
    }

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"))
    reference: Mapped[str] = mapped_column(String(200))
    state: Mapped[DisputeState] = mapped_column(enum_type(DisputeState), default=DisputeState.open)
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(100), default="", server_default="")


class WebhookProblem(StrEnum):
    """Why a report that was truly signed could not be applied."""

    unreadable = "unreadable"
    unknown_kind = "unknown_kind"
    unknown_payment = "unknown_payment"
    unknown_refund = "unknown_refund"
    impossible = "impossible"


class WebhookEvent(UUIDBase):
    """What a provider reported, stored before it is understood; the same event twice is one row.

    One with a `problem` is parked: nobody tries it again by themselves. `body` is kept of what could not be read.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        enum_check("problem", WebhookProblem),
        Index("ix_webhook_event_unhandled", "id", postgresql_where=text("handled_at IS NULL")),
        Index("ix_webhook_event_problem", "id", postgresql_where=text("problem IS NOT NULL")),
    )

    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    handled_at: Mapped[datetime | None]
    problem: Mapped[WebhookProblem | None] = mapped_column(enum_type(WebhookProblem))
    detail: Mapped[str] = mapped_column(String(200), default="", server_default="")


class ProviderProblem(StrEnum):
    """Why a test call of a provider did not work."""

    no_answer = "no_answer"
    refused = "refused"


class PaymentProvider(UUIDBase):
    """What came of the last test call of a provider. `detail`: a status, or the kind of an error."""

    __tablename__ = "payment_provider"
    __table_args__ = (UniqueConstraint("name"), enum_check("problem", ProviderProblem))

    name: Mapped[str] = mapped_column(String(20))
    tried_at: Mapped[datetime | None]
    problem: Mapped[ProviderProblem | None] = mapped_column(enum_type(ProviderProblem))
    detail: Mapped[str] = mapped_column(String(60), default="", server_default="")
