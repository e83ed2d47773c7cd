"""Paying an order: the payment is prepared under the order's lock, and opened at the provider without any."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from apps.checkout.order_view import ORDER_KEY, order_url, return_url
from apps.checkout.paying.payment_queue import PaymentQueue, StartPayment
from apps.core.db.database import Database
from apps.core.security.signing import sign
from apps.payments import services as payments
from apps.payments.models import Payment
from apps.payments.providers import ProviderDown
from apps.payments.repositories import PaymentRepository
from apps.payments.starting.open_pages import leave_others, open_page
from apps.payments.starting.prepare import PaymentElsewhere
from project.settings import settings

LONGEST_LOOK = 3.0
"""Seconds that a page waits for the provider's word."""


async def start_payment(db: Database, queue: PaymentQueue, order_id: UUID, *, provider: str) -> Payment:
    """With the `pay_url` where to pay; asked again, the same page. Who began at another provider leaves that first."""
    command = StartPayment(order_id, provider)
    try:
        prepared = await queue.prepare.submit(command)
    except PaymentElsewhere:
        await leave_others(db, order_id, provider=provider)
        prepared = await queue.prepare.submit(command)
    order = prepared.order
    key = sign(ORDER_KEY, order.id, order.nonce)
    return await open_page(
        db,
        queue.note_opened,
        prepared.payment,
        description=f"{settings.band_name} · {order.number}",
        return_url=return_url(order.number, key),
        cancel_url=order_url(order.number, key),
        locale=order.locale,
    )


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
