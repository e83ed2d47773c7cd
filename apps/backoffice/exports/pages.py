"""A list as a file: what is small at once, what is large as a job, with a page of one's own exports."""

import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqladmin.authorization import Action as Access
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from apps.backoffice.exports.models import ListExport
from apps.backoffice.exports.repositories import newest_of, read_parts
from apps.backoffice.exports.requests import ask_for_export, cancel_export, find_ready, record_export
from apps.backoffice.exports.words import FAILURES, STATES
from apps.backoffice.formats import clock
from apps.backoffice.lists.csv_lines import first_line, lines
from apps.backoffice.lists.pages import Listing, find_part, plan_anew
from apps.backoffice.lists.query import listing_of, params_of, read_query
from apps.backoffice.pages import led_to, page
from apps.backoffice.requests import current_user_of, db_of, id_of, locale_of, posted
from apps.backoffice.urls import EXPORTS_URL, list_url
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry, refuse_unless
from apps.core.db.database import Database
from apps.core.errors import NotFound
from apps.core.jobs.long_jobs import LongJobState
from apps.core.text.i18n import Lazy
from project.settings import settings

AT_ONCE = 10_000
"""Rows of a list that nobody has to wait for."""
ROWS_AT_ONCE = 500
LOOK_AGAIN_SECONDS = 2


async def export(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.EXPORT)
    query = read_query(view, request.query_params)
    listing = listing_of(view, query)
    if request.method == "POST":
        await posted(request)
        async with db_of(request).begin() as session:
            await ask_for_export(session, current_user_of(request), view, params_of(query), locale=locale_of(request))
        return led_to(EXPORTS_URL)
    if await _is_large(db_of(request), listing):
        return _question(views, request, view, list_url(view.identity, **params_of(query)))
    async with db_of(request).begin() as session:
        record_export(session, view, str(request.url.query), actor=current_user_of(request).actor)
    return _file(view, _at_once(view, listing, request), datetime.now())


def _question(views: ViewRegistry, request: Request, view: View, back: str) -> Response:
    return page(
        request,
        "exports/export.html",
        menu=views.menu_for(request),
        view=view,
        back=back,
        at_once=AT_ONCE,
    )


async def _is_large(db: Database, listing: Listing) -> bool:
    some = listing.found.order_by(None).limit(AT_ONCE + 1).subquery()
    async with db.begin() as session:
        await plan_anew(session)
        return (await session.scalar(select(func.count()).select_from(some)) or 0) > AT_ONCE


def _file(view: View, content: AsyncIterator[bytes], made_at: datetime) -> Response:
    name = f"{view.identity}-{made_at.date().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


async def _at_once(view: View, listing: Listing, request: Request) -> AsyncIterator[bytes]:
    """A part of the list after the other, so that the file needs neither memory nor a long transaction."""
    yield first_line(view, request).encode()
    after: str | None = ""
    while after is not None:
        async with db_of(request).begin() as session:
            await plan_anew(session)
            rows, after = await find_part(session, listing, after=after, size=ROWS_AT_ONCE)
            await view.complete(session, rows)
        yield lines(view, rows, request).encode()


@dataclass(frozen=True, slots=True)
class Shown:
    """An export as its owner sees it. `view` is None where they may not look at that list any more."""

    row: ListExport
    view: View | None
    state: Lazy
    failure: Lazy | None
    asked_at: Any
    kept_until: Any


async def show_exports(views: ViewRegistry, request: Request) -> Response:
    """One's own, the newest first. While some are being made the page loads itself anew."""
    async with db_of(request).begin() as session:
        rows = await newest_of(session, current_user_of(request).id)
    return page(
        request,
        "exports/exports.html",
        menu=views.menu_for(request),
        exports=[_shown(row, views, request) for row in rows],
        look_again=LOOK_AGAIN_SECONDS if any(row.is_open for row in rows) else 0,
    )


def _shown(row: ListExport, views: ViewRegistry, request: Request) -> Shown:
    return Shown(
        row=row,
        view=views.visible_to(request).get(row.view),
        state=STATES[row.state],
        failure=FAILURES[row.failure] if row.state is LongJobState.failed else None,
        asked_at=clock(row.created_at, settings.time_zone, locale_of(request)),
        kept_until=clock(row.expires_at, settings.time_zone, locale_of(request)) if row.expires_at else "",
    )


async def cancel(views: ViewRegistry, request: Request) -> Response:
    await posted(request)
    id = id_of(request.path_params["pk"])
    if id is None:
        raise NotFound
    async with db_of(request).begin() as session:
        await cancel_export(session, current_user_of(request), id)
    return RedirectResponse(EXPORTS_URL, 303)


async def download(views: ViewRegistry, request: Request) -> Response:
    """For its owner, while they may export that list."""
    id = id_of(request.path_params["pk"])
    if id is None:
        raise NotFound
    async with db_of(request).begin() as session:
        found = await find_ready(session, current_user_of(request), id)
    view = views.get(found.view)
    if view is None or not view.may(request, Access.LIST):
        raise NotFound
    refuse_unless(request, view, Access.EXPORT)
    return _file(view, _unpacked(db_of(request), found), found.created_at)


async def _unpacked(db: Database, export: ListExport) -> AsyncIterator[bytes]:
    async for part in read_parts(db, export.id):
        yield zlib.decompress(part)
