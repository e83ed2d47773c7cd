"""Ticket sales follow the concert's own time."""

from datetime import timedelta

import pytest

from apps.concerts.services import add_ticket_type, set_start
from apps.core.db import Database
from tests.factories import make_concert

pytestmark = pytest.mark.anyio


async def test_tickets_are_sold_until_the_concert_starts(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session)
        ticket_type = await add_ticket_type(session, concert, name="Standing", prices={"EUR": 1}, pools={})
        assert ticket_type.sale_until == concert.starts_at


async def test_a_concert_may_move_before_its_sale_was_to_begin(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session, days=30)
        opens = concert.starts_at - timedelta(days=5)
        ticket_type = await add_ticket_type(
            session, concert, name="Standing", prices={"EUR": 1}, pools={}, sale_from=opens
        )
        earlier = concert.starts_at - timedelta(days=10)
        await set_start(session, concert, earlier)
        await session.refresh(ticket_type, ["sale_from", "sale_until"])
        assert (ticket_type.sale_from, ticket_type.sale_until) == (None, earlier)
