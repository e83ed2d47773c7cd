"""Ticket sales follow the concert's own time."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from apps.concerts.scheduling.concerts import reschedule
from apps.concerts.scheduling.services import SaleBeginsLater
from apps.concerts.staff_schemas import TicketTypeIn
from apps.concerts.ticket_types.ticket_types import add_ticket_type
from apps.core.db.database import Database
from apps.core.models import AuditEntry
from apps.orders.models import Offer
from apps.orders.schemas import PriceIn
from tests.factories import make_concert

pytestmark = pytest.mark.anyio
STANDING = TicketTypeIn(name="Standing", prices={"EUR": PriceIn(1)}, allocation={})


async def test_tickets_are_sold_until_the_concert_starts(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session)
        ticket_type = await add_ticket_type(session, concert, STANDING)
        assert ticket_type.sale_until == concert.starts_at


async def test_a_concert_does_not_move_before_a_sale_begins(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session, days=30)
        opens, ends = concert.starts_at - timedelta(days=5), concert.starts_at
        await add_ticket_type(session, concert, STANDING)
        presale = await add_ticket_type(session, concert, msgspec.structs.replace(STANDING, sale_from=opens))
        with pytest.raises(SaleBeginsLater) as refused:
            await reschedule(session, concert, opens, actor="ines")
        assert refused.value.details["offer"] == presale.id
    async with db.begin() as session:
        windows = await session.execute(select(Offer.sale_from, Offer.sale_until).order_by(Offer.id))
        assert windows.all() == [(None, ends), (opens, ends)]


async def test_what_moves_with_a_concert_is_written_down(db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session, days=30)
        ticket_type = await add_ticket_type(session, concert, STANDING)
        earlier = concert.starts_at - timedelta(days=10)
        await reschedule(session, concert, earlier, actor="ines")
        assert ticket_type.sale_until == earlier
        (entry,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "concerts.change_ticket_type"))
        assert (entry.actor, entry.subject_id, list(entry.after)) == ("ines", ticket_type.id, ["sale_until"])
