"""Pages to pay at are opened at their providers; what they answer is noted, many answers at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.batching import Batcher
from apps.core.db.bulk import update_rows
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.apply_reports import lock_payments
from apps.payments.models import Payment, PaymentState
from apps.payments.providers import PaymentRequest, ProviderRefused, Started, provider_named
from apps.payments.repositories import PAYMENTS, PaymentRepository
from apps.payments.services import close, hear

log = structlog.get_logger(__name__)


class PaymentOver(AppError):
    status = 409
    type = "payment-over"
    message = _("This payment can no longer be made.")


@dataclass(frozen=True, slots=True)
class OpenedPage:
    payment_id: UUID
    page: Started


OpenedPages = Batcher[OpenedPage, Payment]


async def open_page(
    db: Database,
    opened: OpenedPages,
    payment: Payment,
    *,
    description: str,
    return_url: str,
    cancel_url: str,
    locale: str,
) -> Payment:
    """The payment with its `pay_url`. Repeating it resumes the same page: the provider knows the payment by our id.

    Raises ProviderDown, ProviderRefused, PaymentOver.
    """
    if payment.pay_url:
        return payment
    request = PaymentRequest(
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        description=description,
        return_url=return_url,
        cancel_url=cancel_url,
        expires_at=payment.expires_at,
        locale=locale,
    )
    try:
        page = await provider_named(payment.provider).start(request)
    except ProviderRefused as refusal:
        log.error("payments.start_refused", payment=str(payment.id), **refusal.details)
        raise
    noted = await opened.submit(OpenedPage(payment.id, page))
    if noted.state is PaymentState.cancelled:
        await hear(db, noted, provider_named(noted.provider).close(page.reference))
        raise PaymentOver
    return noted


async def note_opened(connection: AsyncConnection, pages: Sequence[OpenedPage]) -> Sequence[Payment]:
    payments = await lock_payments(connection, {each.payment_id for each in pages})
    for each in pages:
        payment = payments[each.payment_id]
        payment.reference, payment.pay_url = each.page.reference, each.page.pay_url
        if payment.state is PaymentState.created:
            payment.move(PaymentState.pending)
    changed = ("id", "reference", "pay_url", "state")
    await update_rows(
        connection, PAYMENTS, [{name: getattr(each, name) for name in changed} for each in payments.values()]
    )
    return [payments[each.payment_id] for each in pages]


async def leave_others(db: Database, owner_id: UUID, *, provider: str) -> None:
    """The owner would rather pay by `provider`: the page at any other is closed first. Raises ProviderDown."""
    async with db.begin() as session:
        active = await PaymentRepository(session=session).lock_active(owner_id)
    if active is not None and active.provider != provider:
        await close(db, owner_id)
