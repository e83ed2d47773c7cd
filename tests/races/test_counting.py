"""Tickets of which nothing was counted begin to be counted: what is bought at that moment is counted, or forbids it."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.queue.checkout_queue import execute
from apps.concerts.models import TicketType
from apps.concerts.repositories import ConcertRepository
from apps.concerts.scheduling.with_ticket_types import change_with_ticket_types
from apps.concerts.scheduling.with_ticket_types_schemas import ConcertWithTicketTypesIn, TicketTypeRowIn
from apps.core.db.database import Database
from apps.core.errors import Invalid
from tests.factories import make_ticket_type
from tests.journeys.customer import reserved
from tests.kernel.processes import somebody_waits, until
from tests.races.stampede import Shop, names_of, no_batch_fails, placing, stampede

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket_type(db: Database) -> TicketType:
    async with db.begin() as session:
        return await make_ticket_type(session, {})


async def count(session: AsyncSession, ticket_type: TicketType) -> None:
    """There are 40 places from now on."""
    concert = await ConcertRepository(session=session).lock(ticket_type.concert_id)
    row = TicketTypeRowIn(id=ticket_type.id, name="Standing", price=3000)
    sheet = ConcertWithTicketTypesIn(
        title="Live", venue=concert.venue_id, starts_at=concert.starts_at, capacity=40, ticket_types=[row]
    )
    await change_with_ticket_types(session, concert, sheet, actor="test")


async def counted(db: Database, ticket_type: TicketType) -> None:
    async with db.begin() as session:
        await count(session, ticket_type)


async def test_tickets_are_counted_or_were_sold_before(shops: list[Shop], db: Database) -> None:
    customer, staff_api = shops[:2]
    with no_batch_fails():
        for _ in range(12):
            async with db.begin() as session:
                offer = await make_ticket_type(session, {})
            won, lost = await stampede([customer.queue.submit(placing((offer.id, 1))), counted(staff_api.db, offer)])
            assert (len(won), names_of(lost)) in ((1, {"invalid"}), (2, set()))
            assert await reserved(db, offer.id) == [1] * (len(won) - 1)


async def test_who_is_buying_forbids_it(db: Database, ticket_type: TicketType) -> None:
    async with db.transaction() as connection:
        await execute(connection, [placing((ticket_type.id, 1))])
        counting = asyncio.create_task(counted(db, ticket_type))
        await until(lambda: somebody_waits(db))
    with pytest.raises(Invalid):
        await counting


async def test_who_comes_meanwhile_is_counted(shops: list[Shop], db: Database, ticket_type: TicketType) -> None:
    async with db.begin() as session:
        await count(session, ticket_type)
        buying = asyncio.create_task(shops[0].queue.submit(placing((ticket_type.id, 2))))
        await until(lambda: somebody_waits(db))
    await buying
    assert await reserved(db, ticket_type.id) == [2]
