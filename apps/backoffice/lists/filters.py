"""Kinds of filters: one of a few values, a range of dates, rows that belong to a row of another view."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, false
from sqlalchemy.orm import InstrumentedAttribute

from apps.backoffice.requests import id_of
from apps.core.db.keyset import first_id
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

YES, NO = "yes", "no"
DAY = timedelta(days=1)


class Filter(Protocol):
    """`names` are its fields in the list's address; what they say that makes no sense narrows nothing."""

    @property
    def title(self) -> Lazy: ...

    @property
    def kind(self) -> str: ...

    @property
    def names(self) -> Sequence[str]: ...

    def narrow(self, found: Select[Any], values: Mapping[str, str]) -> Select[Any]: ...


@dataclass(frozen=True)
class Choice:
    """One of `conditions`, each with its name in the address. Where there is no index to count by, nobody counts: not
    its own choices, and not those of others while it is used."""

    name: str
    title: Lazy
    conditions: Mapping[str, tuple[Lazy, ColumnElement[bool]]]
    kind: str = "choice"
    is_counted: bool = True

    @property
    def names(self) -> Sequence[str]:
        return [self.name]

    def narrow(self, found: Select[Any], values: Mapping[str, str]) -> Select[Any]:
        chosen = self.conditions.get(values.get(self.name, ""))
        return found.where(chosen[1]) if chosen else found


def states(name: str, title: Lazy, column: SQLColumnExpression[Any], names: Mapping[Any, Lazy]) -> Choice:
    """A filter by the values of a StrEnum."""
    return Choice(name, title, {str(each.value): (label, column == each) for each, label in names.items()})


def yes_or_no(name: str, title: Lazy, condition: ColumnElement[bool]) -> Choice:
    return Choice(name, title, {YES: (_("Yes"), condition), NO: (_("No"), ~condition)})


def archive_filter(archived_at: InstrumentedAttribute[Any]) -> Choice:
    """Without a choice a list shows what is in use (`View.scope_of_list`)."""
    return Choice("archived", _("Active or archived"), {YES: (_("Archived"), archived_at.is_not(None))})


@dataclass(frozen=True)
class Days:
    """From a day to a day, both included, by the band's clocks. `id`: the UUIDv7, which finds a time of making."""

    name: str
    title: Lazy
    column: SQLColumnExpression[Any]
    id: Any = None
    kind: str = "days"

    @property
    def names(self) -> Sequence[str]:
        return [f"{self.name}_from", f"{self.name}_to"]

    def narrow(self, found: Select[Any], values: Mapping[str, str]) -> Select[Any]:
        first, last = (_day(values.get(name, "")) for name in self.names)
        if first:
            found = found.where(self.column >= _midnight(first))
            found = found if self.id is None else found.where(self.id >= first_id(_midnight(first - DAY)))
        if last:
            found = found.where(self.column < _midnight(last + DAY))
            found = found if self.id is None else found.where(self.id < first_id(_midnight(last + 2 * DAY)))
        return found


@dataclass(frozen=True)
class Dates(Days):
    """The same of a column of dates, which are on the band's clocks already."""

    def narrow(self, found: Select[Any], values: Mapping[str, str]) -> Select[Any]:
        first, last = (_day(values.get(name, "")) for name in self.names)
        found = found.where(self.column >= first) if first else found
        return found.where(self.column <= last) if last else found


@dataclass(frozen=True)
class Related:
    """What belongs to one row of `identity`, found by autocompletion. `condition` is made of its id.

    Nothing belongs to what is no id: words that name no row, or more than one.
    """

    name: str
    title: Lazy
    identity: str
    condition: Callable[[UUID], ColumnElement[bool]]
    kind: str = "related"

    @property
    def names(self) -> Sequence[str]:
        return [self.name]

    def narrow(self, found: Select[Any], values: Mapping[str, str]) -> Select[Any]:
        value = values.get(self.name, "")
        id = id_of(value)
        return found.where(self.condition(id) if id else false()) if value else found


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1950 <= day.year < 2200 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.time_zone))
