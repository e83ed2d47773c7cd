"""What staff say of money that they take themselves: it has come, the refund is on its way."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.apply_reports import apply_report
from apps.payments.models import ACTIVE, Payment, PaymentState, Refund, RefundState
from apps.payments.providers import RefundReport, Report, offline_names
from apps.payments.refunds import apply_refund_report

WAITING = (RefundState.created, RefundState.in_transit)


class NotToReceive(AppError):
    status = 409
    type = "payment-not-to-receive"
    message = _("This payment was already received, or is not one that staff take.")


def may_be_received(payment: Payment) -> bool:
    """Also after its order ended: then it is late money."""
    return payment.provider in offline_names() and payment.state is not PaymentState.confirmed


async def owners_to_receive_from(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Of these, those who have begun to pay staff, and of whom no such money has come."""
    found = _to_receive().where(Payment.owner_id.in_(ids))
    return set(await session.scalars(found.with_only_columns(Payment.owner_id)))


async def lock_payment_to_receive(session: AsyncSession, owner_id: UUID) -> Payment:
    """The owner's payment that staff would take, the open one first. Raises NotToReceive."""
    theirs = _to_receive().where(Payment.owner_id == owner_id)
    best = theirs.order_by(Payment.state.in_(ACTIVE).desc(), Payment.id.desc()).limit(1)
    payment = await session.scalar(best.with_for_update(key_share=True))
    if payment is None:
        raise NotToReceive
    return payment


async def lock_payments_taken(session: AsyncSession, owner_id: UUID) -> Sequence[Payment]:
    """The owner's payments that staff took, in the order in which everybody locks them."""
    taken = Payment.provider.in_(offline_names()) & (Payment.state == PaymentState.confirmed)
    found = select(Payment).where(Payment.owner_id == owner_id, taken).order_by(Payment.id)
    return (await session.scalars(found.with_for_update(key_share=True))).all()


def _to_receive() -> Select[tuple[Payment]]:
    return select(Payment).where(Payment.provider.in_(offline_names()), Payment.state != PaymentState.confirmed)


async def receive(session: AsyncSession, payment: Payment, *, amount: int, note: str, actor: str) -> None:
    """The locked payment's money has come. Raises NotToReceive."""
    if not may_be_received(payment):
        raise NotToReceive
    told = {"amount": amount, "currency": payment.currency, "note": note}
    record(session, "payments.receive", payment, actor=actor, after=told)
    reference = payment.reference or str(payment.id)
    await apply_report(
        session, Report(payment.id, PaymentState.confirmed, amount, payment.currency, reference=reference)
    )


async def refunds_sent(session: AsyncSession, payment: Payment, *, actor: str) -> None:
    """Somebody has sent all of the payment's refunds by hand; with none that wait nothing changes."""
    waiting = select(Refund.id).where(Refund.payment_id == payment.id, Refund.state.in_(WAITING)).order_by(Refund.id)
    ids = list(await session.scalars(waiting))
    if payment.provider not in offline_names() or not ids:
        return
    record(session, "payments.refunds_sent", payment, actor=actor, after={"refunds": len(ids)})
    for id in ids:
        await apply_refund_report(session, RefundReport(id, RefundState.done, str(id)))
