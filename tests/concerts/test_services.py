"""Ticket sales follow the concert's own time."""

from datetime import timedelta

import pytest

from apps.concerts.programme import reschedule
from apps.concerts.staff_schemas import TicketTypeIn
from apps.concerts.ticket_types import add_ticket_type
from apps.core.db import Database
from apps.orders.schemas import PriceIn
from tests.factories import make_concert

pytestmark = pytest.mark.anyio
STANDING = TicketTypeIn(name="Standing", prices={"EUR": PriceIn(1)}, recipe={})


async def test_tickets_are_sold_until_the_concert_starts(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session)
        ticket_type = await add_ticket_type(session, concert, STANDING)
        assert ticket_type.sale_until == concert.starts_at


async def test_a_concert_may_move_before_its_sale_was_to_begin(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session, days=30)
        opens = concert.starts_at - timedelta(days=5)
        wanted = TicketTypeIn(name="Standing", prices={"EUR": PriceIn(1)}, recipe={}, sale_from=opens)
        ticket_type = await add_ticket_type(session, concert, wanted)
        earlier = concert.starts_at - timedelta(days=10)
        await reschedule(session, concert, earlier, actor="ines")
        await session.refresh(ticket_type, ["sale_from", "sale_until"])
        assert (ticket_type.sale_from, ticket_type.sale_until) == (None, earlier)
