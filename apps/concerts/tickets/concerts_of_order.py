"""The concerts that an order has tickets of, against what its customer knew of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.models import ConcertNews, ConcertState
from apps.concerts.repositories import CONCERTS, NOTICES, TICKET_TYPES, VENUES
from apps.concerts.scheduling.notices import Arrangement
from apps.core.text.translations import in_locale
from apps.orders.repositories import ORDER_LINES


class ConcertOfOrder(msgspec.Struct, kw_only=True):
    """A concert that an order has tickets of; `before`: what its customer knew, if holders were told since."""

    title: str
    state: ConcertState
    starts_at: datetime
    venue_id: UUID
    time_zone: str
    place: str
    before: Arrangement | None

    @property
    def has_moved(self) -> bool:
        return self.before is not None and self.before.when_and_where != (self.starts_at, self.venue_id)


async def concerts_of(connection: AsyncConnection, order: Any, *, locale: str) -> list[ConcertOfOrder]:
    """From an order's columns; the soonest first."""
    title = in_locale(CONCERTS.c.title, CONCERTS.c.translations, "title").label("title")
    place = (VENUES.c.name + ", " + VENUES.c.city).label("place")
    facts = (CONCERTS.c.state, CONCERTS.c.starts_at, CONCERTS.c.venue_id, VENUES.c.time_zone)
    ordered = select(ORDER_LINES.c.offer_id).where(ORDER_LINES.c.order_id == order.id)
    concerts = select(TICKET_TYPES.c.concert_id).where(TICKET_TYPES.c.offer_id.in_(ordered))
    found = (
        select(title, *facts, place, _known_at(order.created_at))
        .join(VENUES, VENUES.c.id == CONCERTS.c.venue_id)
        .where(CONCERTS.c.id.in_(concerts))
        .order_by(CONCERTS.c.starts_at, CONCERTS.c.id)
    )
    rows = await connection.execute(found, {"locale": locale})
    return [msgspec.convert(row, ConcertOfOrder, from_attributes=True) for row in rows]


def _known_at(moment: datetime) -> ColumnElement[Any]:
    """What holders knew before the first move that began after that moment, and that they were told."""
    moved = (NOTICES.c.concert_id == CONCERTS.c.id) & (NOTICES.c.news == ConcertNews.moved)
    notices = select(NOTICES.c.before).where(moved, NOTICES.c.created_at > moment).order_by(NOTICES.c.told_at).limit(1)
    return notices.scalar_subquery().label("before")
