"""Import concerts: a concert is known by Bandsintown's id, a venue by its name and place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload
from uuid_utils.compat import uuid7

from apps.concerts.events import ConcertRescheduled
from apps.concerts.imports.bandsintown import ConcertRecord, Reading, VenueRecord
from apps.concerts.models import Concert, ConcertState, Venue
from apps.concerts.scheduling.concert_label import concert_label
from apps.concerts.scheduling.notices import Arrangement, arrangement, concerns_holders, open_notices
from apps.concerts.scheduling.services import SaleBeginsLater, WrongConcertState, move_sales
from apps.concerts.ticket_types.concert_pools import rename_concert_pools
from apps.concerts.ticket_types.ticket_types import retitle
from apps.core.audit import Entry, assign, name_of, record_all
from apps.core.db.database import Database
from apps.core.events import publish
from apps.core.importing import Change, Difference, Keep, Outcome, Problem, Tally, keep_nothing, shown_value, slugify
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.slugs import follow_words, taken_slugs

LOCK = "import-concerts"
CONCERTS_A_TRANSACTION = 500
FROM_FILE = frozenset({ConcertState.draft, ConcertState.announced, ConcertState.on_sale})


async def import_concerts(
    db: Database,
    reading: Reading,
    *,
    time_zone: str,
    dry_run: bool = False,
    begin: int = 0,
    actor: str = LOCK,
    keep: Keep = keep_nothing,
    on_progress: Callable[[int], None] = lambda concerts: None,
) -> Tally:
    """Concerts as read by `bandsintown.read_concerts`. `time_zone` is for venues whose own cannot be found.

    It goes on at the concert number `begin`. `keep` notes in each transaction how far it is, and what came of it.
    """
    tally = Tally(problems=reading.problems, warnings=reading.warnings)
    for start in range(begin, len(reading.concerts), CONCERTS_A_TRANSACTION):
        records = reading.concerts[start : start + CONCERTS_A_TRANSACTION]
        async with db.begin() as session:
            book = await _open(session, records, time_zone, tally, actor)
            await _count(session, tally)
            for record in records:
                book.note(record, await book.concert(record))
            await rename_concert_pools(session, book.concert_labels)
            await open_notices(session, book.known)
            await publish(session, *(ConcertRescheduled(concert) for concert in book.known))
            await record_all(await session.connection(), book.entries, actor=actor)
            await _count(session, tally)
            if dry_run:
                await session.rollback()
            else:
                await keep(await session.connection(), start + len(records), tally)
        on_progress(len(records))
    return tally


async def _count(session: AsyncSession, tally: Tally) -> None:
    """How many there were at first, and are now."""
    await session.flush()
    for kind, model in (("concerts", Concert), ("venues", Venue)):
        number = await session.scalar(select(func.count()).select_from(model)) or 0
        before, _after = tally.counts.get(kind, (number, number))
        tally.counts[kind] = (before, number)


async def _open(
    session: AsyncSession, records: Sequence[ConcertRecord], time_zone: str, tally: Tally, actor: str
) -> "Book":
    """What is there of these concerts and venues, read under a lock that keeps two imports apart."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(LOCK))))
    known = select(Concert).where(Concert.external_id.in_([each.external_id for each in records]))
    locked = known.order_by(Concert.id).with_for_update(key_share=True, of=Concert)
    concerts = await session.scalars(locked.options(joinedload(Concert.venue)))
    key = tuple_(Venue.name, Venue.city, Venue.region, Venue.country)
    venues = await session.scalars(select(Venue).where(key.in_({each.venue.key for each in records})))
    return Book(
        session=session,
        concerts={concert.external_id: concert for concert in concerts},
        venues={(venue.name, venue.city, venue.region, venue.country): venue for venue in venues},
        slugs=await taken_slugs(session, Concert, [_slug(each) for each in records]),
        time_zone=time_zone,
        tally=tally,
        actor=actor,
    )


@dataclass(slots=True)
class Book:
    """The concerts and venues one transaction touches."""

    session: AsyncSession
    concerts: dict[str | None, Concert]
    venues: dict[tuple[str, str, str, str], Venue]
    slugs: set[str]
    time_zone: str
    tally: Tally
    actor: str
    differences: list[Difference] = field(default_factory=list)
    """Of the concert that is looked at."""
    concert_labels: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    """By concert, what it was known as and is from now on."""
    known: dict[UUID, Arrangement] = field(default_factory=dict)
    """By concert that moves, what holders of tickets knew."""
    entries: list[Entry] = field(default_factory=list)
    """Of the audit log, as scheduling writes them."""

    def note(self, record: ConcertRecord, outcome: Outcome) -> None:
        self.tally.count(outcome)
        if outcome is not Outcome.unchanged:
            is_new = outcome is Outcome.created
            id = self.concerts[record.external_id].id
            self.tally.note(Change(record.line, record.title, is_new, self.differences, id))

    async def concert(self, record: ConcertRecord) -> Outcome:
        self.differences = []
        concert = self.concerts.get(record.external_id)
        if concert and (concert.archived_at or concert.state not in FROM_FILE):
            state = _("archived") if concert.archived_at else WrongConcertState.names[concert.state]
            self._left_alone(record, concert, _("it is {state} here").format(state=state))
            return Outcome.unchanged
        venue, venue_changed = self._venue(record)
        facts = self._facts(record, venue)
        if concert is None:
            self._add(record, facts)
            return Outcome.created
        try:
            await move_sales(self.session, concert, facts["starts_at"], actor=self.actor)
        except SaleBeginsLater as refused:
            self._left_alone(record, concert, refused.message.format(**refused.details))
            return Outcome.unchanged
        given = {name: value for name, value in facts.items() if name not in _left_blank(record)}
        changed = await self._change(concert, venue, given)
        return Outcome.changed if changed or venue_changed else Outcome.unchanged

    def _add(self, record: ConcertRecord, facts: dict[str, Any]) -> None:
        facts = {**facts, "slug": self._free_slug(record), "state": ConcertState.announced}
        concert = Concert(id=uuid7(), external_id=record.external_id, **facts)
        self.session.add(concert)
        self.concerts[record.external_id] = concert
        self._tell("concerts.add", concert, {}, facts)

    async def _change(self, concert: Concert, venue: Venue, facts: dict[str, Any]) -> bool:
        if concerns_holders(concert, facts):
            self.known[concert.id] = arrangement(concert, concert.venue)
        known_as, title = concert_label(concert.starts_at, concert.venue), concert.title
        self._differ(concert, venue, facts)
        before, after = assign(concert, facts)
        present = concert_label(concert.starts_at, venue)
        self.concert_labels[concert.id] = (known_as, present)
        slug = await follow_words(self.session, concert, was=known_as, words=present)
        old_slug, new_slug = assign(concert, {"slug": slug})
        self.slugs.add(slug)
        if concert.title != title:
            await retitle(self.session, concert)
        self._tell("concerts.change", concert, before | old_slug, after | new_slug)
        return bool(after)

    def _tell(self, action: str, row: Concert | Venue, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        if before or after:
            sides = {"before": msgspec.to_builtins(before), "after": msgspec.to_builtins(after)}
            self.entries.append(Entry(action=action, subject=type(row).__name__, id=row.id, name=name_of(row), **sides))

    def _differ(self, concert: Concert, venue: Venue, facts: dict[str, Any]) -> None:
        for name, value in facts.items():
            before, after = getattr(concert, name), value
            if before == after:
                continue
            if name == "venue_id":
                before, after = concert.venue.name, venue.name
            elif name == "tickets_elsewhere":
                before, after = ([link["url"] for link in links] for links in (before, after))
            self.differences.append(Difference(name, shown_value(before), shown_value(after)))

    def _facts(self, record: ConcertRecord, venue: Venue) -> dict[str, Any]:
        return {
            "title": record.title,
            "description": record.description,
            "venue_id": venue.id,
            "starts_at": _in_utc(record.starts_at, venue.time_zone),
            "on_sale_at": record.on_sale_at and _in_utc(record.on_sale_at, venue.time_zone),
            "lineup": list(record.lineup),
            "tickets_elsewhere": msgspec.to_builtins(list(record.tickets_elsewhere)),
        }

    def _venue(self, record: ConcertRecord) -> tuple[Venue, bool]:
        """A known venue keeps its zone, which a manager may have put right; it only gets coordinates it had not.

        One in the archive comes back: a concert is to be there.
        """
        facts = record.venue
        venue = self.venues.get(facts.key)
        if venue is None:
            self.venues[facts.key] = venue = self._new_venue(record)
            return venue, True
        returns = venue.archived_at is not None
        if returns:
            venue.archived_at = None
            self._tell("concerts.restore_venue", venue, {"archived": True}, {})
        if venue.latitude is not None or not facts.time_zone:
            return venue, returns
        place = {"latitude": facts.latitude, "longitude": facts.longitude, "time_zone": facts.time_zone}
        before, after = assign(venue, place)
        self._tell("concerts.change_venue", venue, before, after)
        return venue, True

    def _new_venue(self, record: ConcertRecord) -> Venue:
        facts = record.venue
        if not facts.time_zone:
            sentence = _("no time zone can be found for {place}: {zone} is taken (TIME_ZONE)")
            named = sentence.format(place=_place(facts), zone=self.time_zone)
            self.tally.warnings.append(Problem(record.line, named))
        columns = {
            "name": facts.name,
            "city": facts.city,
            "region": facts.region,
            "country": facts.country,
            "latitude": facts.latitude,
            "longitude": facts.longitude,
            "time_zone": facts.time_zone or self.time_zone,
        }
        venue = Venue(id=uuid7(), **columns)
        self.session.add(venue)
        self._tell("concerts.add_venue", venue, {}, columns)
        return venue

    def _free_slug(self, record: ConcertRecord) -> str:
        """Two shows of one day at one venue: the later gets its id at the end."""
        slug = _slug(record)
        if slug in self.slugs:
            slug = f"{slug}-{slugify(record.external_id)}"
        self.slugs.add(slug)
        return slug

    def _left_alone(self, record: ConcertRecord, concert: Concert, reason: Lazy) -> None:
        sentence = _("'{title}' was left alone: {reason}").format(title=concert.title, reason=reason)
        self.tally.warnings.append(Problem(record.line, sentence))


def _left_blank(record: ConcertRecord) -> set[str]:
    """What the file leaves blank: a concert that is there keeps what it has."""
    is_given = {
        "title": record.titled,
        "description": bool(record.description),
        "on_sale_at": record.on_sale_at is not None,
        "lineup": bool(record.acts),
        "tickets_elsewhere": bool(record.tickets_elsewhere),
    }
    return {name for name, given in is_given.items() if not given}


def _in_utc(moment: datetime, zone: str) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _slug(record: ConcertRecord) -> str:
    words = (record.starts_at.date().isoformat(), record.venue.city, record.venue.name)
    return slugify(" ".join(words))[:100].strip("-")


def _place(venue: VenueRecord) -> str:
    return ", ".join(part for part in (venue.name, venue.city, venue.country) if part)
