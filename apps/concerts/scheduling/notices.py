"""What holders of tickets know of a concert, and what has changed since.

Changes that follow one another are one notice: what holders knew stands against what is true when they are told.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.events import ConcertMoved
from apps.concerts.models import Concert, ConcertNews, ConcertNotice, ConcertState, Venue
from apps.core.db.database import now
from apps.core.events import publish

LONGEST_NIGHT = timedelta(days=1)
UNHEARD = frozenset({ConcertState.draft, ConcertState.cancelled})
"""Nobody has tickets of a draft, and what was cancelled stays cancelled."""


class Standing(StrEnum):
    """Whether a concert takes place, as far as holders of tickets care."""

    takes_place = "takes_place"
    postponed = "postponed"
    cancelled = "cancelled"


STANDINGS = {ConcertState.postponed: Standing.postponed, ConcertState.cancelled: Standing.cancelled}


class Arrangement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether, when and where a concert is, as holders know it; `place` is the venue as people call it."""

    standing: Standing
    starts_at: datetime
    venue_id: UUID
    place: str
    time_zone: str

    @property
    def when_and_where(self) -> tuple[datetime, UUID]:
        return self.starts_at, self.venue_id


def arrangement(concert: Concert, venue: Venue) -> Arrangement:
    return Arrangement(
        standing=_standing(concert.state),
        starts_at=concert.starts_at,
        venue_id=venue.id,
        place=venue.place,
        time_zone=venue.time_zone,
    )


async def expect_change(session: AsyncSession, concert: Concert, facts: Mapping[str, Any]) -> None:
    """Before `facts` become true of the concert, which is locked: holders are told in a while, if anything differs."""
    if concerns_holders(concert, facts):
        venue = await session.get_one(Venue, concert.venue_id)
        await open_notices(session, {concert.id: arrangement(concert, venue)})


def concerns_holders(concert: Concert, facts: Mapping[str, Any]) -> bool:
    stands = _standing(concert.state), concert.starts_at, concert.venue_id
    return concert.state not in UNHEARD and stands != (
        _standing(facts.get("state", concert.state)),
        facts.get("starts_at", concert.starts_at),
        facts.get("venue_id", concert.venue_id),
    )


def _standing(state: ConcertState) -> Standing:
    return STANDINGS.get(state, Standing.takes_place)


async def open_notices(session: AsyncSession, known: Mapping[UUID, Arrangement]) -> None:
    """By concert, all of them locked, what holders knew before the change. One that is open keeps what it has."""
    if not known:
        return
    rows = [
        {"id": uuid7(), "concert_id": concert, "before": msgspec.to_builtins(each)} for concert, each in known.items()
    ]
    notices = insert(ConcertNotice).values(rows)
    changed_again = notices.on_conflict_do_update(
        index_elements=["concert_id"],
        index_where=ConcertNotice.told_at.is_(None),
        set_={"changed_at": func.clock_timestamp()},
    )
    await session.execute(changed_again)
    await publish(session, *(ConcertMoved(concert) for concert in known))


async def close_notice(session: AsyncSession, concert: Concert) -> ConcertNotice | None:
    """What holders are to be told now, if anything: once. The concert is locked.

    A date or place that they cannot be told yet stays open: what is changed next is part of it.
    """
    found = select(ConcertNotice).where(ConcertNotice.concert_id == concert.id, ConcertNotice.told_at.is_(None))
    notice = await session.scalar(found)
    if notice is None:
        return None
    before, moment = arrangement_before(notice), await now(session)
    after = arrangement(concert, await session.get_one(Venue, concert.venue_id))
    if news := _news(before, after, at=moment, last=await _last_news(session, concert)):
        notice.news, notice.after, notice.told_at = news, msgspec.to_builtins(after), moment
        return notice
    if before.when_and_where == after.when_and_where:
        await session.delete(notice)
    return None


async def _last_news(session: AsyncSession, concert: Concert) -> ConcertNews | None:
    told = select(ConcertNotice.news).where(ConcertNotice.concert_id == concert.id, ConcertNotice.told_at.is_not(None))
    news: ConcertNews | None = await session.scalar(told.order_by(ConcertNotice.told_at.desc()).limit(1))
    return news


def arrangement_before(notice: ConcertNotice) -> Arrangement:
    return msgspec.convert(notice.before, Arrangement)


def arrangement_after(notice: ConcertNotice) -> Arrangement:
    """Of one that is told."""
    return msgspec.convert(notice.after, Arrangement)


def news_told(notice: ConcertNotice) -> ConcertNews:
    """Of one that is told."""
    return msgspec.convert(notice.news, ConcertNews)


def _news(before: Arrangement, after: Arrangement, *, at: datetime, last: ConcertNews | None) -> ConcertNews | None:
    """None where holders need not hear of it: they know, or the concert is over. `last`: what they were told last."""
    is_over = max(before.starts_at, after.starts_at) < at - LONGEST_NIGHT
    if before.standing is not Standing.postponed and is_over:
        return None
    if after.standing is Standing.cancelled:
        return ConcertNews.cancelled
    if before.when_and_where != after.when_and_where:
        return ConcertNews.moved if after.starts_at > at else None
    if after.standing is before.standing:
        return None
    if after.standing is Standing.postponed:
        return ConcertNews.postponed
    return ConcertNews.back if last is ConcertNews.postponed and after.starts_at > at else None
