"""What a package of pages, with its `controllers.py` and `templates/`, adds to the pages that all packages share.

Its `sections.py` has `LINKS` for the head of every page and `SECTIONS` of the front page, the lowest rank first.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.installed import declared
from apps.core.text.i18n import Lazy

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    rank: int
    path: str
    title: Lazy


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the front page: its template shows what was `found` in the reader's language; nothing for None."""

    rank: int
    template: str
    find: Callable[[AsyncConnection, str], Awaitable[Found | None]]


@cache
def all_links() -> list[Link]:
    return sorted(declared("sections", "LINKS"), key=lambda each: each.rank)


@cache
def all_sections() -> list[Section]:
    return sorted(declared("sections", "SECTIONS"), key=lambda each: each.rank)
