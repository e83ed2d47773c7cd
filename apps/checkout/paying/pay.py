"""Paying an order: the payment is prepared under the order's lock, and opened at the provider without any."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.order_view import ORDER_KEY, order_url, return_url
from apps.checkout.paying.cancel import BeingPaid, NotPending
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.security.signing import sign
from apps.core.text.i18n import lazy as _
from apps.orders.models import Order, OrderState
from apps.orders.repositories import OrderRepository
from apps.payments import services as payments
from apps.payments.models import Payment
from apps.payments.providers import ProviderDown, provider_named
from apps.payments.repositories import PaymentRepository
from apps.payments.services import PaymentElsewhere
from project.settings import settings

LONGEST_LOOK = 3.0
"""Seconds that a page waits for the provider's word."""


class TooLateToPay(AppError):
    status = 409
    type = "too-late-to-pay"
    message = _("The time to pay this order is over.")


async def start_payment(db: Database, order_id: UUID, *, provider: str) -> Payment:
    """With the `pay_url` where to pay; asked again, the same page. Who began at another provider leaves that first."""
    try:
        order, payment = await _prepare(db, order_id, provider=provider)
    except PaymentElsewhere:
        await payments.leave_others(db, order_id, provider=provider)
        order, payment = await _prepare(db, order_id, provider=provider)
    key = sign(ORDER_KEY, order.id, order.nonce)
    return await payments.start_at_provider(
        db,
        payment,
        description=f"{settings.band_name} · {order.number}",
        return_url=return_url(order.number, key),
        cancel_url=order_url(order.number, key),
        locale=order.locale,
    )


async def _prepare(db: Database, order_id: UUID, *, provider: str) -> tuple[Order, Payment]:
    async with db.begin() as session:
        order = await _payable(session, order_id)
        payment = await payments.prepare(
            session,
            order.id,
            provider=provider,
            amount=order.total,
            currency=order.currency,
            pay_until=order.pay_until,
        )
        can = provider_named(provider).capabilities
        if can.offline:
            order.pay_until = max(order.pay_until, min(payment.expires_at, order.created_at + can.longest))
    return order, payment


async def _payable(session: AsyncSession, order_id: UUID) -> Order:
    order = await OrderRepository(session=session).lock(order_id)
    if order.state is not OrderState.pending:
        raise NotPending(state=order.state)
    if order.pay_until <= await now(session):
        raise TooLateToPay
    if await PaymentRepository(session=session).has_money(order.id):
        raise BeingPaid
    return order


async def came_back(db: Database, order_id: UUID, query: Mapping[str, str]) -> None:
    """The customer is back from the provider's page, which may know more than was heard of."""
    with suppress(ProviderDown):
        await payments.came_back(db, order_id, query, patience=LONGEST_LOOK)


async def is_payment_known(db: Database, order_id: UUID) -> bool:
    """Ask the provider whether the customer has just paid, before anybody tells that they have not."""
    async with db.begin() as session:
        payment_id = await PaymentRepository(session=session).at_provider(order_id)
    if payment_id is None:
        return True
    try:
        return await payments.ask(db, payment_id, patience=LONGEST_LOOK)
    except ProviderDown:
        return False
