"""The demo band, The Slow Ferries: their catalogue and tour, brought in by the importers of everybody's files.

The tour was written around `WRITTEN_ON`; it is moved by whole weeks, so that one concert is about three weeks past and
the others come in the next four months. Loading again changes nothing, and undoes nothing that was changed since.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.imports.bandsintown import ConcertRecord, read_concerts
from apps.concerts.imports.importing import import_concerts
from apps.concerts.models import Concert, ConcertState, TicketType
from apps.concerts.scheduling.services import put_on_sale
from apps.concerts.staff_schemas import NameTexts, TicketTypeIn
from apps.concerts.ticket_types.ticket_types import add_ticket_type
from apps.core.db.database import Database, now
from apps.core.money import minor_units
from apps.inventory.services import NewPool, open_pools
from apps.orders.models import Offer
from apps.orders.schemas import PriceIn
from apps.shop.imports.importing import import_products
from apps.shop.imports.shopify import read_products
from apps.shop.models import Product
from project.demo.russian import main_and_other, russian, translate_concerts, translate_products
from project.demo.tour import load_tour
from project.settings import settings

BAND = "The Slow Ferries"
FOLDER = Path(__file__).parent
WRITTEN_ON = date(2026, 1, 5)
ACTOR = "demo"
DEMO_SALE = timedelta(weeks=1)
"""How long the past concert can be bought, for the demo's own sales."""

Report = Callable[[str], None]


class TicketTypePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`pools` are the units one ticket takes of each pool; `sold` is how many a good first look needs sold."""

    name: str
    price: Decimal
    pools: dict[str, int]
    max_per_order: int
    sold: int


class BoxOfficePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pools of one concert by name, with their places, and the ticket types over them."""

    pools: dict[str, int]
    types: list[TicketTypePlan]


async def load_demo(db: Database, *, report: Report) -> None:
    await _load_products(db, report)
    await _load_concerts(db, report)
    await load_tour(db)
    await _open_box_office(db, report)


def sold_tickets() -> dict[str, dict[str, int]]:
    """A concert's external id → a ticket type's name → how many are to be sold."""
    return {concert: {_names(each)[0]: each.sold for each in plan.types} for concert, plan in _plans().items()}


async def end_past_sales(db: Database) -> None:
    """Nobody buys a ticket for a past concert. To be called when the demo's own sales are made."""
    async with db.begin() as session:
        past = (
            select(TicketType.offer_id, Concert.starts_at)
            .join(Concert)
            .where(Concert.starts_at < func.clock_timestamp())
        )
        ended = past.subquery()
        sales = update(Offer).where(Offer.id == ended.c.offer_id, Offer.sale_until > ended.c.starts_at)
        await session.execute(sales.values(sale_until=ended.c.starts_at).execution_options(synchronize_session=False))


async def _load_products(db: Database, report: Report) -> None:
    reading = read_products((FOLDER / "products.csv").read_bytes(), currency=settings.currency)
    slugs = [product.slug for product in reading.products]
    async with db.begin() as session:
        if await session.scalar(select(func.count()).where(Product.slug.in_(slugs))):
            return
    tally = await import_products(db, reading, currency=settings.currency)
    await translate_products(db)
    report(f"{tally.created} products")


async def _load_concerts(db: Database, report: Report) -> None:
    async with db.begin() as session:
        if await session.scalar(select(func.count()).where(Concert.external_id.in_(_plans()))):
            return
        today = (await now(session)).date()
    reading = read_concerts((FOLDER / "concerts.json").read_bytes(), band=BAND)
    later = timedelta(weeks=(today - WRITTEN_ON).days // 7)
    reading.concerts = [_moved(concert, later) for concert in reading.concerts]
    tally = await import_concerts(db, reading, time_zone=settings.time_zone)
    await translate_concerts(db)
    report(f"{tally.created} concerts")


def _moved(concert: ConcertRecord, later: timedelta) -> ConcertRecord:
    on_sale_at = concert.on_sale_at + later if concert.on_sale_at else None
    return replace(concert, starts_at=concert.starts_at + later, on_sale_at=on_sale_at)


async def _open_box_office(db: Database, report: Report) -> None:
    """Every concert that is still only announced and has no ticket types gets its own, and goes on sale."""
    with_tickets = select(TicketType.concert_id)
    untouched = select(Concert).where(Concert.external_id.in_(_plans()), Concert.state == ConcertState.announced)
    async with db.begin() as session:
        concerts = (await session.scalars(untouched.where(Concert.id.not_in(with_tickets)))).all()
        for concert in concerts:
            await _open(session, concert, _plans()[concert.external_id or ""])
    if concerts:
        report(f"Tickets for {len(concerts)} concerts")


async def _open(session: AsyncSession, concert: Concert, plan: BoxOfficePlan) -> None:
    pools = {name: NewPool(name=f"{concert.title}: {name}", units=places) for name, places in plan.pools.items()}
    await open_pools(await session.connection(), list(pools.values()), actor=ACTOR)
    moment = await now(session)
    past = concert.starts_at < moment
    for position, each in enumerate(plan.types):
        name, others = _names(each)
        wanted = TicketTypeIn(
            name=name,
            translations={locale: NameTexts(other) for locale, other in others.items()},
            prices={settings.currency: PriceIn(minor_units(each.price, settings.currency))},
            allocation={pools[name].id: units for name, units in each.pools.items()},
            position=position,
            max_per_order=each.max_per_order,
            sale_until=moment + DEMO_SALE if past else None,
        )
        await add_ticket_type(session, concert, wanted, actor=ACTOR)
    await put_on_sale(session, concert, actor=ACTOR)


def _names(plan: TicketTypePlan) -> tuple[str, dict[str, str]]:
    return main_and_other(plan.name, russian().ticket_types[plan.name])


@cache
def _plans() -> dict[str, BoxOfficePlan]:
    return msgspec.json.decode((FOLDER / "ticket_types.json").read_bytes(), type=dict[str, BoxOfficePlan])
