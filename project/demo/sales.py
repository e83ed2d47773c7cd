"""The demo band's first sales: real orders through the till, paid at the demo provider; nothing shown is made up."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.batch import Till, open_till
from apps.checkout.desk import Place, WantedLine
from apps.checkout.schemas import PlacedOrderOut
from apps.concerts.models import Concert, TicketType
from apps.core.db import Database
from apps.core.idempotency import request_key
from apps.core.jobs import drain
from apps.orders.models import Order
from apps.payments import services as payments
from apps.payments.demo.models import DemoState
from apps.payments.demo.schemas import CheckoutIn
from apps.payments.demo.services import open_page
from apps.payments.models import Payment, PaymentState
from apps.payments.providers import Report
from project.demo.load import sold_tickets
from project.settings import settings

LARGEST_ORDER = 6
FANS = ("ada", "boris", "chiara", "dmitri", "elif", "femke", "goran", "hanna", "ines", "jonas", "katya", "lars", "mira")


@dataclass(frozen=True, slots=True)
class Sale:
    offer_id: UUID
    quantity: int


async def sell_demo_tickets(db: Database) -> int:
    """Sell what the demo's plan says; returns how many tickets. Once there is any order, nothing."""
    async with db.begin() as session:
        if await session.scalar(select(func.count()).select_from(Order)):
            return 0
        sales = [sale for each in await _ticket_types(session) for sale in _sales(each)]
    till = open_till(db)
    await asyncio.gather(*(_sell(db, till, sale, fan) for sale, fan in zip(sales, _fans(), strict=False)))
    await drain(db)
    return sum(sale.quantity for sale in sales)


async def _ticket_types(session: AsyncSession) -> list[tuple[TicketType, int]]:
    """Each ticket type with how many of it are to be sold."""
    found = select(TicketType, Concert.external_id).join(Concert, Concert.id == TicketType.concert_id)
    plan = sold_tickets()
    rows = (await session.execute(found.where(Concert.external_id.in_(plan)))).all()
    return [(ticket_type, plan[concert][ticket_type.name]) for ticket_type, concert in rows]


def _sales(planned: tuple[TicketType, int]) -> Iterator[Sale]:
    ticket_type, left = planned
    while left:
        quantity = min(left, LARGEST_ORDER, ticket_type.max_per_order)
        yield Sale(ticket_type.id, quantity)
        left -= quantity


def _fans() -> Iterator[str]:
    return (f"{FANS[number % len(FANS)]}{number // len(FANS) + 1}@fans.example" for number in count())


async def _sell(db: Database, till: Till, sale: Sale, email: str) -> None:
    placed = msgspec.json.decode((await till.submit(_place(sale, email))).body, type=PlacedOrderOut)
    async with db.begin() as session:
        order = (await session.execute(select(Order).where(Order.number == placed.number))).scalar_one()
        await _pay(session, order)


def _place(sale: Sale, email: str) -> Place:
    return Place(
        key=request_key(caller="", method="", path="", key=None, body=b""),
        cart_id=None,
        lines=(WantedLine(sale.offer_id, sale.quantity, None),),
        email=email,
        name=email.partition("@")[0].rstrip("0123456789").title(),
        ships=False,
        address=None,
        currency=settings.currency,
        locale=settings.locale,
        expected_total=None,
    )


async def _pay(session: AsyncSession, order: Order) -> None:
    """What the provider's page does, without the page."""
    payment = await payments.prepare(
        session,
        order.id,
        provider="demo",
        amount=order.total,
        currency=order.currency,
        expires_at=order.pay_until,
    )
    page = await open_page(session, _page(payment, order, order.pay_until))
    page.state = DemoState.paid
    payment.reference = str(payment.id)
    await session.flush()
    await payments.apply_report(session, Report(payment.id, PaymentState.confirmed, order.total, order.currency))


def _page(payment: Payment, order: Order, expires_at: datetime) -> CheckoutIn:
    return CheckoutIn(
        id=payment.id,
        amount=order.total,
        currency=order.currency,
        description=f"{settings.band_name} · {order.number}",
        return_url=settings.base_url,
        expires_at=expires_at,
    )
