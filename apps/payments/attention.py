"""Payments that somebody has to see to, and what can be done about them."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.payments.events import PaymentConfirmed
from apps.payments.models import Discrepancy, Dispute, Payment, PaymentState, Refund, RefundState, WebhookEvent
from apps.payments.providers import offline_names
from apps.payments.repositories import IS_UNSETTLED

LONG_AGO: ColumnElement[datetime] = literal_column("now() - interval '15 minutes'")
LATELY: ColumnElement[datetime] = literal_column("now() - interval '14 days'")
IS_OPEN = Payment.dismissed_at.is_(None)
"""Nobody has said that nothing is to be done."""
HAS_FAILED = and_(Payment.state == PaymentState.failed, IS_OPEN)
IS_SILENT = and_(
    Payment.state.in_([PaymentState.created, PaymentState.pending]), Payment.expires_at < LONG_AGO, IS_OPEN
)
"""Time to pay is over, and the provider has not said what became of it."""
FAILED_REFUND = select(Refund.payment_id).where(Refund.state == literal_column(f"'{RefundState.failed}'"))
REFUND_FAILED_LATELY = and_(Payment.id.in_(FAILED_REFUND.where(Refund.created_at > LATELY)), IS_OPEN)
WAITS_FOR_ORDER = and_(IS_UNSETTLED, Payment.confirmed_at < LONG_AGO, IS_OPEN)
"""The money is here, and its order has not taken it."""
IS_TO_BE_SENT = and_(
    Payment.provider.in_(bindparam("offline", callable_=offline_names, expanding=True)),
    Payment.id.in_(
        select(Refund.payment_id).where(
            Refund.state.in_(
                [literal_column(f"'{RefundState.created}'"), literal_column(f"'{RefundState.in_transit}'")]
            )
        )
    ),
)
"""Staff have to send it from the bank's page, or pay it out."""
HAS_DISCREPANCY = and_(Payment.id.in_(select(Discrepancy.payment_id)), IS_OPEN)
IS_DISPUTED = and_(Payment.id.in_(select(Dispute.payment_id)), IS_OPEN)
NEEDS_ATTENTION = or_(HAS_FAILED, IS_SILENT, REFUND_FAILED_LATELY, WAITS_FOR_ORDER, HAS_DISCREPANCY, IS_DISPUTED)
IS_PARKED = and_(
    WebhookEvent.handled_at.is_(None), or_(WebhookEvent.problem.is_not(None), WebhookEvent.created_at < LONG_AGO)
)
"""A report that nobody understands, or whose job is lost."""


class NothingToSettle(AppError):
    status = 409
    type = "nothing-to-settle"
    message = _("The order is already paid.")


async def dismiss(session: AsyncSession, payment: Payment, *, actor: str) -> None:
    """Nothing is to be done about the locked payment, until something else goes wrong with it."""
    if payment.dismissed_at is None:
        payment.dismissed_at = await now(session)
        record(session, "payments.dismiss", payment, actor=actor, after={"state": payment.state})


async def settle_again(session: AsyncSession, payment: Payment, *, actor: str) -> None:
    """Announce the money of the locked payment once more, for its owner to take. Raises NothingToSettle."""
    if payment.state is not PaymentState.confirmed or payment.settled_at is not None:
        raise NothingToSettle
    record(session, "payments.settle_again", payment, actor=actor)
    await publish(session, PaymentConfirmed(payment.id, payment.owner_id))
