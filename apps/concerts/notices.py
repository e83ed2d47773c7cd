"""What holders of tickets know of a concert, and what has changed since.

Changes that follow one another are one notice: what holders knew stands against what is true when they are told.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.events import ConcertMoved
from apps.concerts.models import Concert, ConcertNews, ConcertNotice, ConcertState, Venue
from apps.core.db import now
from apps.core.events import publish

LONGEST_NIGHT = timedelta(days=1)


class Standing(StrEnum):
    """Whether a concert takes place, as far as holders of tickets care."""

    takes_place = "takes_place"
    postponed = "postponed"
    cancelled = "cancelled"


STANDINGS = {ConcertState.postponed: Standing.postponed, ConcertState.cancelled: Standing.cancelled}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """When and where a concert is, as holders know it; `place` is the venue as people call it."""

    standing: Standing
    starts_at: datetime
    venue_id: UUID
    place: str
    time_zone: str

    @property
    def when_and_where(self) -> tuple[datetime, UUID]:
        return self.starts_at, self.venue_id


async def expect_change(session: AsyncSession, concert: Concert, facts: Mapping[str, Any]) -> None:
    """Before `facts` become true of the concert, which is locked: holders are told in a while, if anything differs."""
    if not _concern_holders(concert, facts):
        return
    known = msgspec.to_builtins(await _known(session, concert))
    notice = insert(ConcertNotice).values(id=uuid7(), concert_id=concert.id, was=known)
    await session.execute(notice.on_conflict_do_nothing())
    await publish(session, ConcertMoved(concert.id))


def _concern_holders(concert: Concert, facts: Mapping[str, Any]) -> bool:
    stands = _standing(concert.state), concert.starts_at, concert.venue_id
    return stands != (
        _standing(facts.get("state", concert.state)),
        facts.get("starts_at", concert.starts_at),
        facts.get("venue_id", concert.venue_id),
    )


def _standing(state: ConcertState) -> Standing:
    return STANDINGS.get(state, Standing.takes_place)


async def _known(session: AsyncSession, concert: Concert) -> Known:
    venue = await session.get_one(Venue, concert.venue_id)
    return Known(
        standing=_standing(concert.state),
        starts_at=concert.starts_at,
        venue_id=venue.id,
        place=f"{venue.name}, {venue.city}",
        time_zone=venue.time_zone,
    )


async def close_notice(session: AsyncSession, concert: Concert) -> ConcertNotice | None:
    """What holders are to be told now, if anything: once. The concert is locked."""
    found = select(ConcertNotice).where(ConcertNotice.concert_id == concert.id, ConcertNotice.told_at.is_(None))
    notice = await session.scalar(found)
    if notice is None:
        return None
    known, moment = await _known(session, concert), await now(session)
    notice.news = _news(known_before(notice), known, at=moment)
    if notice.news is None:
        await session.delete(notice)
        return None
    notice.now, notice.told_at = msgspec.to_builtins(known), moment
    return notice


def known_before(notice: ConcertNotice) -> Known:
    return msgspec.convert(notice.was, Known)


def news_told(notice: ConcertNotice) -> ConcertNews:
    """Of one that is told."""
    return msgspec.convert(notice.news, ConcertNews)


def known_since(notice: ConcertNotice) -> Known:
    """Of one that is told."""
    return msgspec.convert(notice.now, Known)


def _news(was: Known, known: Known, *, at: datetime) -> ConcertNews | None:
    """None where holders need not hear of it: nothing differs in the end, or the concert is over."""
    is_over = max(was.starts_at, known.starts_at) < at - LONGEST_NIGHT
    if is_over or was.standing is Standing.cancelled:
        return None
    if known.standing is Standing.cancelled:
        return ConcertNews.cancelled
    if was.when_and_where != known.when_and_where:
        return ConcertNews.moved if known.starts_at > at else None
    if was.standing == known.standing:
        return None
    return ConcertNews.postponed if known.standing is Standing.postponed else ConcertNews.back
