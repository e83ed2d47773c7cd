"""Buying as a fan does, without the pages: orders through the till, paid at the demo provider."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.batch import Till
from apps.checkout.desk import Place, WantedLine
from apps.checkout.schemas import Address, PlacedOrderOut
from apps.core.db import Database
from apps.core.idempotency import request_key
from apps.orders.models import Order
from apps.payments import services as payments
from apps.payments.demo.models import DemoState
from apps.payments.demo.schemas import CheckoutIn
from apps.payments.demo.services import open_page
from apps.payments.models import Payment, PaymentState
from apps.payments.providers import Report
from project.settings import settings

PAGES = {PaymentState.confirmed: DemoState.paid, PaymentState.failed: DemoState.failed}


async def buy(
    db: Database, till: Till, lines: Sequence[WantedLine], *, email: str, home: Address | None, ends: PaymentState
) -> Payment:
    """`ends`: whether the payment is confirmed or fails."""
    answer = await till.submit(_place(lines, email, home))
    number = msgspec.json.decode(answer.body, type=PlacedOrderOut).number
    async with db.begin() as session:
        order = (await session.execute(select(Order).where(Order.number == number))).scalar_one()
        return await _pay(session, order, ends)


def _place(lines: Sequence[WantedLine], email: str, home: Address | None) -> Place:
    return Place(
        key=request_key(caller="", method="", path="", key=None, body=b""),
        cart_id=None,
        lines=tuple(lines),
        email=email,
        name=email.partition("@")[0].rstrip("0123456789").title(),
        ships=home is not None,
        address=msgspec.to_builtins(home),
        currency=settings.currency,
        locale=settings.locale,
        expected_total=None,
    )


async def _pay(session: AsyncSession, order: Order, ends: PaymentState) -> Payment:
    """What the provider's page does, without the page."""
    payment = await payments.prepare(
        session,
        order.id,
        provider="demo",
        amount=order.total,
        currency=order.currency,
        expires_at=order.pay_until,
    )
    page = await open_page(session, _page(payment, order))
    page.state = PAGES[ends]
    payment.reference = str(payment.id)
    await session.flush()
    captured = order.total if ends is PaymentState.confirmed else 0
    await payments.apply_report(session, Report(payment.id, ends, captured, order.currency))
    return payment


def _page(payment: Payment, order: Order) -> CheckoutIn:
    return CheckoutIn(
        id=payment.id,
        amount=order.total,
        currency=order.currency,
        description=f"{settings.band_name} · {order.number}",
        return_url=settings.base_url,
        expires_at=order.pay_until,
    )
