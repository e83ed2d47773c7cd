"""Reading other people's files: what was wrong with which line, and what came of the rest."""

import re
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, Self
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

MOST_LINES = 50_000
"""Of one file, or as many events: each takes memory while the file is read."""
TOO_MANY_LINES = _("there are more than {limit} here: split the file; nothing after this was read").format(
    limit=MOST_LINES
)
BEGINNING = 64 * 1024
"""Bytes of a file that are looked at before it is taken."""
MOST_CHANGES = 200
LONGEST_SHOWN = 120
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` counts from 1, as an editor shows it; `sentence` is for people. As text it is what commands print."""

    line: int
    sentence: Lazy

    def __lt__(self, other: Self) -> bool:
        """Those of one line stay in the order in which they were found."""
        return self.line < other.line

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence.in_locale('en')}"


class BadValue(Exception):
    """A value that cannot be imported, with the sentence for people."""

    def __init__(self, sentence: Lazy) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Outcome(StrEnum):
    created = "created"
    changed = "changed"
    unchanged = "unchanged"


class Difference(msgspec.Struct, frozen=True):
    """One field, `of` a part of the record where it is not its own, as it is and as it will be. Values are JSON's."""

    field: str
    before: Any = None
    after: Any = None
    of: str = ""


class Change(msgspec.Struct, frozen=True):
    """What a file does to one thing that is there, or to a new one, which has no differences.

    `id` is the thing's; of what is new only once it is brought in.
    """

    line: int
    title: str
    is_new: bool
    differences: list[Difference] = []
    id: UUID | None = None


Counts = dict[str, tuple[int, int]]
"""How many there were of each kind of thing before, and are afterwards."""


@dataclass(slots=True)
class Tally:
    """What an import did. Problems are lines left out; warnings are lines that came in, though not as they stand.

    Pictures: of those that the file names and that lie elsewhere, how many are still to be fetched, and were given up.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    pictures_waiting: int = 0
    pictures_failed: int = 0
    changes: list[Change] = field(default_factory=list)
    counts: Counts = field(default_factory=dict)

    @property
    def bad(self) -> int:
        return len(self.problems)

    @property
    def total(self) -> int:
        return self.created + self.changed + self.unchanged

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)

    def note(self, change: Change) -> None:
        """The first ones, so that people can see what they are about to do."""
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(change)

    def count_more(self, kind: str, *, there_are: int, new: int) -> None:
        before, after = self.counts.get(kind, (there_are, there_are))
        self.counts[kind] = (before, after + new)

    def add(self, other: Self) -> None:
        for outcome in Outcome:
            setattr(self, outcome, getattr(self, outcome) + getattr(other, outcome))
        self.pictures_waiting += other.pictures_waiting
        self.pictures_failed += other.pictures_failed
        self.problems += other.problems
        self.warnings += other.warnings


class Keep(Protocol):
    """Notes within the import's own transaction that so many records are `done`, and what came of them so far."""

    async def __call__(self, connection: AsyncConnection, done: int, tally: Tally) -> None: ...


async def keep_nothing(connection: AsyncConnection, done: int, tally: Tally) -> None:
    """Who waits for the end needs no notes."""


def shown_value(value: Any) -> Any:
    """As JSON has it, and no longer than people read."""
    match value:
        case None | bool() | int() | float():
            return value
        case list() | tuple():
            return shown_value(", ".join(map(str, value)))
        case datetime():
            return value.astimezone(UTC).isoformat()
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def decode(data: bytes) -> str:
    """UTF-8, or UTF-16 with a byte order mark; else Windows-1252, which spreadsheets still write."""
    return _decode(data, whole=True)


def decode_beginning(data: bytes) -> str:
    """The same of the first bytes only, which tell what kind of file it is."""
    return _decode(data[:BEGINNING], whole=len(data) <= BEGINNING)


def _decode(data: bytes, *, whole: bool) -> str:
    """What is not `whole` may end within a character."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return getincrementaldecoder("utf-16")(errors="replace").decode(data, final=whole)
    try:
        return getincrementaldecoder("utf-8-sig")().decode(data, final=whole)
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def text(value: str, name: Lazy, *, limit: int) -> str:
    """`value` without surrounding space. BadValue when PostgreSQL cannot store it, or it is longer than `limit`.

    `name` is what the sentence calls it.
    """
    if UNSTORABLE.search(value):
        raise BadValue(_("{name} holds a character that cannot be stored").format(name=name))
    value = value.strip()
    if len(value) > limit:
        raise BadValue(_("{name} is longer than {limit} characters").format(name=name, limit=limit))
    return value


def slugify(value: str) -> str:
    """Lower case letters and digits of any script, single hyphens between words; '' when there are none."""
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    latin = re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", decomposed)
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", latin)).strip("-")
