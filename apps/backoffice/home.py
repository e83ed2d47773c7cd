"""The first page, and what apps say on it. It is put together by an app above this one.

An app's `home.py` has `QUESTIONS` and `BOXES`: each is for who may look through its list, the lowest rank first.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Null, ScalarSelect, Select, null
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.pages import page
from apps.backoffice.panels import Panel
from apps.backoffice.requests import db_of
from apps.backoffice.urls import list_url
from apps.backoffice.views.registry import ViewRegistry
from apps.core.text.i18n import Lazy


@dataclass(frozen=True, slots=True)
class Home:
    """`words` are those of `template`, for what this person may see; it extends `backoffice/base.html`."""

    template: str
    words: Callable[[AsyncSession, Request], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How many things wait for somebody: all that are `found`, which the list of `view` shows when asked by `query`.

    `oldest` is since when the first of them waits. It is asked of who may look through the lists of `besides`, too.
    """

    rank: int
    title: Lazy
    found: Select[Any]
    view: str
    query: Mapping[str, str]
    oldest: ScalarSelect[datetime | None] | Null = null()
    besides: Collection[str] = ()
    is_duty: bool = True
    """Who is asked it is told, too, when nothing at all waits."""

    @property
    def url(self) -> str:
        return list_url(self.view, **self.query)

    @property
    def views(self) -> set[str]:
        return {self.view, *self.besides}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A small table of what is in the list of `view`; without one it is for everybody, where there is any."""

    rank: int
    view: str | None
    panel: Callable[[AsyncSession, Request], Awaitable[Panel | None]]


async def show_home(home: Home, views: ViewRegistry, request: Request) -> Response:
    async with db_of(request).begin() as session:
        words = await home.words(session, request)
    return page(request, home.template, menu=views.menu_for(request), **words)
