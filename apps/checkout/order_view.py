"""An order as its customer sees it: what was agreed, and what came of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.queue.new_order import AnyOrder, AnyOrderLine
from apps.checkout.schemas import OrderLineOut, OrderOut, PlacedOrderOut, WayToPayOut
from apps.core.errors import NotFound
from apps.core.security.signing import sign, unsign
from apps.core.text.translations import title_in
from apps.orders.kinds.fulfilment import fulfilments_of
from apps.orders.kinds.parts import Part
from apps.orders.listing import OwnOrders, is_own
from apps.orders.models import OrderState
from apps.orders.repositories import ORDERS, lines_of_orders
from apps.payments.models import Payment
from apps.payments.providers import providers_for
from project.settings import settings

ORDER_KEY = "order"


async def find_order(connection: AsyncConnection, number: str, key: str) -> Any:
    """The order's columns, for who holds its link; NotFound for everybody else."""
    signed = unsign(ORDER_KEY, key)
    if signed is None:
        raise NotFound
    row = await order_by_id(connection, signed.id)
    if row.nonce != signed.nonce or row.number != number.upper():
        raise NotFound
    return row


async def find_own_order(connection: AsyncConnection, number: str, user_id: UUID) -> Any:
    """The order's columns, for whose it is; NotFound for everybody else."""
    return await _one(connection, ORDERS.c.number == number.upper(), is_own(OwnOrders(user_id)))


async def order_by_id(connection: AsyncConnection, id: UUID) -> Any:
    return await _one(connection, ORDERS.c.id == id)


async def _one(connection: AsyncConnection, *where: ColumnElement[bool]) -> Any:
    row = (await connection.execute(select(ORDERS).where(*where))).one_or_none()
    if row is None:
        raise NotFound
    return row


async def order_view(connection: AsyncConnection, order: Any, *, locale: str | None = None) -> OrderOut:
    """From an order's columns, in `locale`, else in the order's own."""
    locale = locale or order.locale
    lines = (await connection.execute(lines_of_orders([order.id]))).all()
    placed = placed_out(order, lines, locale=locale)
    payment = await _payment(connection, order)
    return OrderOut(
        **msgspec.structs.asdict(placed),
        email=order.email,
        name=order.name,
        placed_at=order.created_at,
        paid_at=order.paid_at,
        refunded=order.refunded,
        payment=payment.state if payment else None,
        payment_failure=payment.failure if payment else None,
        dispute=order.dispute,
        parts=await parts_of(connection, order, placed.lines, locale=locale, for_customer=True),
    )


def placed_out(order: AnyOrder, lines: Sequence[AnyOrderLine], *, locale: str) -> PlacedOrderOut:
    key = sign(ORDER_KEY, order.id, order.nonce)
    url = order_url(order.number, key)
    return PlacedOrderOut(
        number=order.number,
        state=order.state,
        currency=order.currency,
        lines=[order_line_out(line, locale=locale) for line in lines],
        subtotal=order.subtotal,
        shipping=order.shipping,
        tax=order.tax,
        total=order.total,
        pay_until=order.pay_until,
        key=key,
        url=url,
        pay_url=url if order.state == OrderState.pending else None,
        ways_to_pay=ways_to_pay(order.total, order.currency, locale) if order.state == OrderState.pending else [],
    )


def ways_to_pay(amount: int, currency: str, locale: str) -> list[WayToPayOut]:
    """None for an order that is free."""
    fitting = providers_for(amount, currency) if amount else []
    return [WayToPayOut(each.name, each.title.in_locale(locale)) for each in fitting]


def order_url(number: str, key: str) -> str:
    return f"{settings.base_url}/orders/{number}?key={key}"


def return_url(number: str, key: str) -> str:
    """Where a fan comes back to from the provider's page."""
    return f"{settings.base_url}/orders/{number}/return?key={key}"


def order_line_out(line: AnyOrderLine, *, locale: str) -> OrderLineOut:
    return OrderLineOut(
        id=line.id,
        offer=line.offer_id,
        kind=line.kind,
        title=title_in(locale, line.title, line.translations),
        quantity=line.quantity,
        unit_price=line.unit_price,
        total=line.total,
        refunded_quantity=line.refunded_quantity,
    )


async def _payment(connection: AsyncConnection, order: Any) -> Row[Any] | None:
    """The latest one's state, and why it failed; none where it could not be taken, so that another may be made."""
    found = select(Payment.state, Payment.failure, Payment.settled_at).where(Payment.owner_id == order.id)
    latest = (await connection.execute(found.order_by(Payment.created_at.desc()).limit(1))).one_or_none()
    is_returned = latest is not None and latest.settled_at is not None and order.state == OrderState.pending
    return None if is_returned else latest


async def parts_of(
    connection: AsyncConnection, order: Any, lines: Sequence[OrderLineOut], *, locale: str, for_customer: bool
) -> list[Part]:
    """What came of the lines, kind by kind: nothing before it was delivered."""
    if order.delivered_at is None:
        return []
    titles = {line.id: line.title for line in lines}
    return [
        part
        for kind in fulfilments_of(lines)
        for part in await kind.parts(connection, order.id, titles, locale=locale, for_customer=for_customer)
    ]
