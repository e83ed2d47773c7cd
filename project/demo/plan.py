"""What the demo band has sold in the last weeks: tickets as their plan says, and some merch with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, cycle
from random import Random

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.queue.commands import WantedLine
from apps.concerts.models import Concert, TicketType
from apps.core.db.database import now
from apps.core.text.postal import Address
from apps.payments.models import PaymentState
from apps.shop.models import Variant
from project.demo.load import sold_tickets

LARGEST_ORDER = 6
BEFORE_THE_PAST, LATELY = (25, 38, 30), (0, 26, 2)
"""When tickets for the past concert and for those to come were sold: days ago at least, at most, and most of them."""
MERCH = {
    "TSF-TEE-M-BLACK": 1,
    "TSF-PATCH": 2,
    "TSF-LP3-CORAL": 1,
    "TSF-TOTE": 1,
    "TSF-HOOD-L-GREY": 1,
    "TSF-CD3": 1,
    "TSF-CAP-CORAL": 1,
    "TSF-PRINT-40": 1,
}
"""SKU → pieces that go with one order, ROUNDS times: all the patches there are."""
ROUNDS, EVERY = 3, 7
FANS = ("ada", "boris", "chiara", "dmitri", "elif", "femke", "goran", "hanna", "ines", "jonas", "katya", "lars", "mira")
AT_HOME = "@fans.example"
PICKED_UP = None
HOMES = (
    Address(line1="Graslei 8", city="Ghent", postal_code="9000", country="BE"),
    Address(line1="Am Sandtorkai 30", city="Hamburg", postal_code="20457", country="DE"),
    PICKED_UP,
)


@dataclass(slots=True)
class Sale:
    """`at`: when it was made, as the demo tells it. `ends`: whether the payment is confirmed or fails."""

    lines: list[WantedLine]
    at: datetime
    email: str
    home: Address | None = None
    ends: PaymentState = PaymentState.confirmed


async def plan_sales(session: AsyncSession) -> list[Sale]:
    """The oldest first."""
    chance = Random(7)  # noqa: S311 (the same each time)
    moment, fans = await now(session), _fans()
    tickets = [sale for each in await _ticket_types(session) for sale in _ticket_sales(each, moment, chance, fans)]
    tickets.sort(key=lambda sale: sale.at)
    for sale, line, home in zip(tickets[::EVERY], await _merch(session), cycle(HOMES), strict=False):
        sale.lines.append(line)
        sale.home = home
    return tickets


async def _ticket_types(session: AsyncSession) -> list[Row[tuple[TicketType, Concert]]]:
    found = select(TicketType, Concert).join(Concert, Concert.id == TicketType.concert_id)
    planned = found.where(Concert.external_id.in_(sold_tickets()))
    return list((await session.execute(planned.order_by(Concert.external_id, TicketType.position))).all())


def _fans() -> Iterator[str]:
    return (f"{FANS[number % len(FANS)]}{number // len(FANS) + 1}{AT_HOME}" for number in count())


def _ticket_sales(
    each: Row[tuple[TicketType, Concert]], moment: datetime, chance: Random, fans: Iterator[str]
) -> Iterator[Sale]:
    ticket_type, concert = each
    days = BEFORE_THE_PAST if concert.starts_at < moment else LATELY
    left = sold_tickets()[concert.external_id or ""][ticket_type.name]
    while left:
        quantity = min(left, LARGEST_ORDER, ticket_type.max_per_order)
        ago = timedelta(days=chance.triangular(*days))
        yield Sale([WantedLine(ticket_type.id, quantity, None)], moment - ago, next(fans))
        left -= quantity


async def _merch(session: AsyncSession) -> list[WantedLine]:
    variants = await session.scalars(select(Variant).where(Variant.sku.in_(MERCH)))
    offers = {variant.sku: variant.id for variant in variants}
    return [WantedLine(offers[sku], pieces, None) for sku, pieces in MERCH.items()] * ROUNDS
