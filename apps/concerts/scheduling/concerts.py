"""Tours and the concerts of the band, as staff write them down."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, ConcertState, Tour, Venue
from apps.concerts.scheduling.concert_label import concert_label
from apps.concerts.scheduling.notices import expect_change
from apps.concerts.scheduling.services import move_sales
from apps.concerts.staff_schemas import ConcertIn, TourIn
from apps.concerts.ticket_types.concert_pools import rename_concert_pools
from apps.concerts.ticket_types.ticket_types import retitle
from apps.core.audit import assign, record
from apps.core.db.archive import choosable, refuse_archived
from apps.core.db.database import now
from apps.core.errors import FieldError, Invalid
from apps.core.text.datetimes import in_utc
from apps.core.text.i18n import lazy as _
from apps.core.text.slugs import choose_slug, follow_words

NO_VENUE = _("There is no such venue.")
NO_TOUR = _("There is no such tour.")
IN_THE_PAST = _("This moment is over already.")


async def add_tour(session: AsyncSession, data: TourIn, *, actor: str) -> Tour:
    tour = Tour(id=uuid7())
    facts = await _tour_facts(session, tour, data)
    for name, value in facts.items():
        setattr(tour, name, value)
    session.add(tour)
    await session.flush()
    record(session, "concerts.add_tour", tour, actor=actor, after=facts)
    return tour


async def change_tour(session: AsyncSession, tour: Tour, data: TourIn, *, actor: str) -> None:
    """The tour is locked."""
    refuse_archived(tour)
    before, after = assign(tour, await _tour_facts(session, tour, data))
    await session.flush()
    if after:
        record(session, "concerts.change_tour", tour, actor=actor, before=before, after=after)


async def add_concert(session: AsyncSession, data: ConcertIn, *, actor: str) -> Concert:
    """A draft, which fans do not see. Raises Invalid, SlugTaken."""
    concert = Concert(id=uuid7(), state=ConcertState.draft)
    facts = await _concert_facts(session, concert, data)
    for name, value in facts.items():
        setattr(concert, name, value)
    session.add(concert)
    await session.flush()
    record(session, "concerts.add", concert, actor=actor, after=msgspec.to_builtins(facts))
    return concert


async def change_concert(session: AsyncSession, concert: Concert, data: ConcertIn, *, actor: str) -> None:
    """The concert is locked. Its ticket types follow title and date; tickets that were sold stay valid.

    Raises SlugTaken, SaleBeginsLater, and Invalid, also for a moment that is over, unless the concert is over too.
    """
    facts = await _concert_facts(session, concert, data)
    await _change(session, concert, facts, action="concerts.change", actor=actor)


async def reschedule(session: AsyncSession, concert: Concert, starts_at: datetime, *, actor: str) -> None:
    """The concert is locked. A postponed one is announced again: fans do not read "postponed" beside its new date.

    Raises SaleBeginsLater, and Invalid for a moment that is over, unless the concert is over too.
    """
    facts: dict[str, Any] = in_utc(starts_at=starts_at)
    if concert.state is ConcertState.postponed and starts_at != concert.starts_at:
        facts["state"] = ConcertState.announced
    await _change(session, concert, facts, action="concerts.reschedule", actor=actor)


async def _change(session: AsyncSession, concert: Concert, facts: dict[str, Any], *, action: str, actor: str) -> None:
    refuse_archived(concert)
    if facts["starts_at"] <= await now(session) < concert.starts_at:
        raise Invalid(errors=[FieldError("starts_at", IN_THE_PAST)])
    known_as = await concert_label_of(session, concert)
    await move_sales(session, concert, facts["starts_at"], actor=actor)
    await expect_change(session, concert, facts)
    before, after = assign(concert, facts)
    await session.flush()
    if after.keys() & {"title", "translations"}:
        await retitle(session, concert)
    if after.keys() & {"starts_at", "venue_id"}:
        slug_before, slug_after = await _follow_occasion(session, concert, known_as)
        before, after = slug_before | before, after | slug_after
    if after:
        record(session, action, concert, actor=actor, before=before, after=after)


async def _follow_occasion(
    session: AsyncSession, concert: Concert, known_as: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Places and slug that name the old day or place name the new ones. The slug before and after, if it does."""
    present = await concert_label_of(session, concert)
    await rename_concert_pools(session, {concert.id: (known_as, present)})
    changed = assign(concert, {"slug": await follow_words(session, concert, was=known_as, words=present)})
    await session.flush()
    return changed


async def _tour_facts(session: AsyncSession, tour: Tour, data: TourIn) -> dict[str, Any]:
    return {
        "title": data.title,
        "slug": await choose_slug(session, tour, wanted=data.slug, words=data.title),
        "description": data.description,
        "translations": msgspec.to_builtins(data.translations),
    }


async def _concert_facts(session: AsyncSession, concert: Concert, data: ConcertIn) -> dict[str, Any]:
    moments = in_utc(starts_at=data.starts_at, on_sale_at=data.on_sale_at)
    venue = await _venue(session, concert, data)
    words = concert_label(data.starts_at, venue)
    return {
        "title": data.title,
        "slug": await choose_slug(session, concert, wanted=data.slug, words=words),
        "description": data.description,
        "venue_id": venue.id,
        "tour_id": data.tour,
        "lineup": data.lineup,
        "tickets_elsewhere": msgspec.to_builtins(data.tickets_elsewhere),
        "translations": msgspec.to_builtins(data.translations),
        **moments,
    }


async def concert_label_of(session: AsyncSession, concert: Concert) -> str:
    """The venue is not renamed until the transaction ends."""
    return concert_label(
        concert.starts_at, await session.get_one(Venue, concert.venue_id, with_for_update={"read": True})
    )


async def _venue(session: AsyncSession, concert: Concert, data: ConcertIn) -> Venue:
    """Raises Invalid for its venue and its tour."""
    venue = await choosable(session, Venue, data.venue, kept=concert.venue_id)
    errors = [] if venue else [FieldError("venue", NO_VENUE)]
    if data.tour and not await choosable(session, Tour, data.tour, kept=concert.tour_id):
        errors.append(FieldError("tour", NO_TOUR))
    if venue is None or errors:
        raise Invalid(errors=errors)
    return venue
