"""Reading other people's files: what was wrong with which line, and what came of the rest."""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`line` counts from 1, as an editor shows it; `sentence` is for people."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class BadValue(Exception):
    """A value that cannot be imported; its text is the sentence for people."""


class Outcome(StrEnum):
    created = "created"
    changed = "changed"
    unchanged = "unchanged"


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

    @property
    def bad(self) -> int:
        return len(self.problems)

    @property
    def total(self) -> int:
        return self.created + self.changed + self.unchanged

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)

    def add(self, other: Self) -> None:
        for outcome in Outcome:
            setattr(self, outcome, getattr(self, outcome) + getattr(other, outcome))
        self.pictures_waiting += other.pictures_waiting
        self.pictures_failed += other.pictures_failed
        self.problems += other.problems
        self.warnings += other.warnings


def decode(data: bytes) -> str:
    """UTF-8 with or without a byte order mark; else Windows-1252, which spreadsheets still write."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def text(value: str, name: str, *, limit: int) -> str:
    """`value` without surrounding space. BadValue when PostgreSQL cannot store it, or it is longer than `limit`."""
    if UNSTORABLE.search(value):
        raise BadValue(f"{name} holds a character that cannot be stored")
    value = value.strip()
    if len(value) > limit:
        raise BadValue(f"{name} is longer than {limit} characters")
    return value


def slugify(value: str) -> str:
    """Lower case letters and digits of any script, single hyphens between words; '' when there are none."""
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    latin = re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", decomposed)
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", latin)).strip("-")
