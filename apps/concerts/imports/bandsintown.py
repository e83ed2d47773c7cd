"""Bandsintown's events read into concerts: checked text, times still local, coordinates, support acts."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from apps.concerts.imports.bandsintown_json import elements
from apps.concerts.imports.bandsintown_links import ticket_links
from apps.concerts.imports.time_zones import zone_at
from apps.concerts.schemas import TicketLink
from apps.core.importing import BadValue, Problem, decode, text
from apps.core.text.datetimes import YEARS
from apps.core.text.html import plain_text
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRecord:
    name: str
    city: str
    region: str
    country: str
    latitude: float | None
    longitude: float | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.name, self.city, self.region, self.country)

    @property
    def time_zone(self) -> str | None:
        """The zone the coordinates lie in; None without coordinates, and on the open sea."""
        if self.latitude is None or self.longitude is None:
            return None
        return zone_at(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertRecord:
    """`starts_at` and `on_sale_at` are the venue's local time, unless the file gives an offset.

    `description` is plain text. `acts` are all who play, as the file has them; `lineup`, the support acts,
    follows from all events. `titled`: the title is the file's own.
    """

    line: int
    external_id: str
    title: str
    titled: bool
    description: str
    starts_at: datetime
    on_sale_at: datetime | None
    venue: VenueRecord
    tickets_elsewhere: tuple[TicketLink, ...]
    acts: tuple[str, ...]
    artist: str
    lineup: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    concerts: list[ConcertRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.concerts)


def read_concerts(data: bytes, *, band: str) -> Reading:
    """Never raises: what cannot be read is among the problems. `band` decides who of several acts is the headliner."""
    reading = Reading()
    seen: dict[str, int] = {}
    for number, (line, event) in enumerate(elements(decode(data), reading.problems), start=1):
        try:
            complaints: list[Lazy] = []
            record = _concert(line, event, complaints)
            if record.external_id in seen:
                raise BadValue(_("it has the id of event {number}").format(number=seen[record.external_id]))
        except BadValue as bad:
            reading.problems.append(_problem(line, number, bad.sentence))
        else:
            seen[record.external_id] = number
            reading.warnings += [_problem(line, number, each) for each in complaints]
            reading.concerts.append(record)
    shared = _shared_act(reading.concerts, band)
    reading.concerts = [_billed(record, shared) for record in reading.concerts]
    return reading


def _problem(line: int, number: int, sentence: Lazy) -> Problem:
    return Problem(line, _("event {number}: {problem}").format(number=number, problem=sentence))


def _concert(line: int, event: Any, complaints: list[Lazy]) -> ConcertRecord:
    if not isinstance(event, Mapping):
        raise BadValue(_("it is not an event"))
    artist = event.get("artist")
    title = _text(event, "title", limit=255)
    return ConcertRecord(
        line=line,
        external_id=f"bandsintown:{_id(event.get('id'))}",
        title=title,
        titled=bool(title),
        description=plain_text(_text(event, "description", limit=20_000)),
        starts_at=_moment(_text(event, "datetime", limit=40) or _text(event, "starts_at", limit=40)),
        on_sale_at=_on_sale(_text(event, "on_sale_datetime", limit=40)),
        venue=_venue(event.get("venue")),
        tickets_elsewhere=ticket_links(event, complaints),
        acts=_acts(event.get("lineup")),
        artist=_text(artist, "name", limit=255) if isinstance(artist, Mapping) else "",
    )


def _id(value: Any) -> str:
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int)
        or not re.fullmatch("[0-9A-Za-z-]{1,80}", str(value))
    ):
        raise BadValue(_("it has no id"))
    return str(value)


def _text(source: Mapping[str, Any], name: str, *, limit: int) -> str:
    value = source.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValue(_("'{name}' is not text").format(name=name))
    return text(value, _named(name), limit=limit)


def _named(name: str) -> Lazy:
    """As the file names it."""
    return _("'{name}'").format(name=name)


def _moment(value: str) -> datetime:
    """Without an offset the venue's local time, as Bandsintown gives it."""
    if not value:
        raise BadValue(_("it has no date"))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadValue(_("'{value}' is not a date").format(value=value)) from None
    if moment.year not in YEARS:
        raise BadValue(_("'{value}' is not a date that can be right").format(value=value))
    return moment


def _on_sale(value: str) -> datetime | None:
    return _moment(value) if value else None


def _venue(value: Any) -> VenueRecord:
    if not isinstance(value, Mapping) or not _text(value, "name", limit=255):
        raise BadValue(_("it has no venue"))
    latitude, longitude = _degrees(value.get("latitude"), 90), _degrees(value.get("longitude"), 180)
    known = latitude is not None and longitude is not None and (latitude, longitude) != (0, 0)
    return VenueRecord(
        name=_text(value, "name", limit=255),
        city=_text(value, "city", limit=120)
        or text(_text(value, "location", limit=500).partition(",")[0], _named("location"), limit=120),
        region=_text(value, "region", limit=120),
        country=_text(value, "country", limit=120),
        latitude=latitude if known else None,
        longitude=longitude if known else None,
    )


def _degrees(value: Any, most: int) -> float | None:
    """A number or a number in quotes, to six places; anything else says nothing."""
    try:
        degrees = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return round(degrees, 6) if math.isfinite(degrees) and abs(degrees) <= most else None


def _acts(value: Any) -> tuple[str, ...]:
    """Names, or objects with a name; each once."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    names = (each if isinstance(each, Mapping) else {"name": each} for each in value)
    acts = (_text(each, "name", limit=255) for each in names)
    return tuple(dict.fromkeys(act for act in acts if act))


def _shared_act(concerts: Sequence[ConcertRecord], band: str) -> str:
    """The act that plays everywhere: the band of the settings if it is among them, else the first of the bill."""
    bills = [concert.acts for concert in concerts if concert.acts]
    times = Counter(name for acts in bills for name in {act.casefold() for act in acts})
    if times[band.casefold()]:
        return band
    return next((act for acts in bills[:1] for act in acts if times[act.casefold()] == len(bills)), "")


def _billed(record: ConcertRecord, shared: str) -> ConcertRecord:
    """With the support acts in their order, and a title. A description that only repeats the headliner says nothing."""
    headliner = record.artist or shared or (record.acts[0] if record.acts else "")
    lineup = tuple(act for act in record.acts if act.casefold() != headliner.casefold())
    where = f"in {record.venue.city}" if record.venue.city else f"at {record.venue.name}"
    title = record.title or f"{headliner or 'Concert'} {where}"
    description = "" if record.description.casefold() == headliner.casefold() else record.description
    return replace(record, lineup=lineup, title=title[:255], description=description)
