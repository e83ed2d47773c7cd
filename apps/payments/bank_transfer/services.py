"""What staff say of bank transfers: the money has come, the refund is on its way."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.apply_reports import apply_report
from apps.payments.models import Payment, PaymentState, Refund, RefundState
from apps.payments.providers import RefundReport, Report
from apps.payments.refunds import apply_refund_report

NAME = "bank_transfer"
WAITING = (RefundState.created, RefundState.in_transit)


class NotToReceive(AppError):
    status = 409
    type = "transfer-not-to-receive"
    message = _("This payment was already received, or is not a bank transfer.")


def may_be_received(payment: Payment) -> bool:
    """Also after its order ended: then it is late money."""
    return payment.provider == NAME and payment.state is not PaymentState.confirmed


async def receive(session: AsyncSession, payment: Payment, *, amount: int, note: str, actor: str) -> None:
    """The locked payment's money has come. Raises NotToReceive."""
    if not may_be_received(payment):
        raise NotToReceive
    told = {"amount": amount, "currency": payment.currency, "note": note}
    record(session, "payments.receive_transfer", payment, actor=actor, after=told)
    reference = payment.reference or str(payment.id)
    await apply_report(
        session, Report(payment.id, PaymentState.confirmed, amount, payment.currency, reference=reference)
    )


async def refunds_sent(session: AsyncSession, payment: Payment, *, actor: str) -> None:
    """Somebody has sent all of the payment's refunds by hand; with none that wait nothing changes."""
    waiting = select(Refund.id).where(Refund.payment_id == payment.id, Refund.state.in_(WAITING)).order_by(Refund.id)
    ids = list(await session.scalars(waiting))
    if payment.provider != NAME or not ids:
        return
    record(session, "payments.refunds_sent", payment, actor=actor, after={"refunds": len(ids)})
    for id in ids:
        await apply_refund_report(session, RefundReport(id, RefundState.done, str(id)))
