"""Buying as a fan does, without the pages: orders through the checkout queue, paid at the demo provider."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.checkout.queue.checkout_queue import execute
from apps.checkout.queue.commands import PlaceOrder
from apps.core.errors import AppError
from apps.core.http.idempotency import request_key
from apps.orders.models import Order
from apps.payments.apply_reports import apply_report
from apps.payments.demo.models import DemoState
from apps.payments.demo.schemas import CheckoutIn
from apps.payments.demo.services import open_page
from apps.payments.models import Failure, Payment, PaymentState
from apps.payments.providers import Report
from project.demo.plan import Sale
from project.settings import settings

PAGES = {PaymentState.confirmed: DemoState.paid, PaymentState.failed: DemoState.failed}


async def buy(session: AsyncSession, sales: Sequence[Sale]) -> None:
    """PlaceOrder and pay: the ids of orders and payments are from when the sales were made."""
    placements = [_place(sale) for sale in sales]
    for answer in await execute(await session.connection(), placements):
        if isinstance(answer, AppError):
            raise answer
    for placement, sale in zip(placements, sales, strict=True):
        await _pay(session, await session.get_one(Order, placement.order_id), sale)


def _place(sale: Sale) -> PlaceOrder:
    return PlaceOrder(
        key=request_key(caller="", method="", path="", key=None, body=b""),
        cart_id=None,
        lines=tuple(sale.lines),
        email=sale.email,
        name=sale.email.partition("@")[0].rstrip("0123456789").title(),
        ships=sale.home is not None,
        address=msgspec.to_builtins(sale.home),
        currency=settings.currency,
        locale=settings.locale,
        expected_total=None,
        network=None,
        order_id=_id_from(sale.at),
    )


def _id_from(moment: datetime) -> UUID:
    return uuid7(nanoseconds=int(moment.timestamp() * 1e9))


async def _pay(session: AsyncSession, order: Order, sale: Sale) -> None:
    """What the provider's page does, without the page."""
    payment = Payment(
        id=_id_from(sale.at),
        owner_id=order.id,
        provider="demo",
        amount=order.total,
        currency=order.currency,
        expires_at=order.pay_until,
    )
    session.add(payment)
    page = await open_page(session, _page(payment, order))
    page.state = PAGES[sale.ends]
    payment.reference = str(payment.id)
    await session.flush()
    captured = order.total if sale.ends is PaymentState.confirmed else 0
    failure = Failure.declined if sale.ends is PaymentState.failed else None
    await apply_report(session, Report(payment.id, sale.ends, captured, order.currency, failure))


def _page(payment: Payment, order: Order) -> CheckoutIn:
    return CheckoutIn(
        id=payment.id,
        amount=order.total,
        currency=order.currency,
        description=f"{settings.band_name} · {order.number}",
        return_url=settings.base_url,
        expires_at=order.pay_until,
    )
