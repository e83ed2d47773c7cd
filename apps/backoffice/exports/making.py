"""Makes an export, a thousand rows a transaction. Whoever is killed is followed by somebody who goes on right there."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import User
from apps.accounts.repositories import permissions_in, roles_of
from apps.backoffice.exports.models import ExportFailure, ListExport
from apps.backoffice.exports.repositories import EXPORTS, PARTS, drop_ended_parts
from apps.backoffice.lists.csv_lines import first_line, lines
from apps.backoffice.lists.pages import Listing, find_part, plan_anew
from apps.backoffice.lists.query import listing_of, read_query
from apps.backoffice.urls import PATH, export_url
from apps.backoffice.views.base import View
from apps.backoffice.views.installed import admin_views
from apps.backoffice.views.registry import ViewRegistry
from apps.backoffice.views.site import registry_of
from apps.core.db.database import Database
from apps.core.jobs.long_jobs import Cancelled, CannotBeDone, LongJobState, attempt, note
from project.settings import settings

MOST_ROWS = 1_000_000
ROWS_AT_ONCE = 1000


async def make(db: Database, export_id: UUID) -> None:
    if not await attempt(db, EXPORTS, export_id, partial(_make, db, export_id)):
        async with db.transaction() as connection:
            await drop_ended_parts(connection)


@dataclass(slots=True)
class _Writing:
    """How far it is: `done` rows, the next one at `place`."""

    id: UUID
    view: View
    request: Request
    listing: Listing
    done: int
    place: str | None


async def _make(db: Database, export_id: UUID) -> None:
    writing = await _begin(db, export_id)
    while writing.place is not None and writing.done < MOST_ROWS:
        await _write_part(db, writing)
    kept_until = func.clock_timestamp() + timedelta(days=settings.list_export_days)
    ready = {"state": LongJobState.ready, "total": writing.done, "expires_at": kept_until}
    async with db.statements() as connection:
        await note(connection, EXPORTS, export_id, after=writing.done, **ready)


async def _begin(db: Database, export_id: UUID) -> _Writing:
    """Raises Cancelled, CannotBeDone."""
    async with db.begin() as session:
        export = await session.get(ListExport, export_id)
        if export is None or not export.is_open:
            raise Cancelled
        request = await _as_owner(session, export, db)
        view = _views().get(export.view)
        if view is None or not (view.may(request, Access.LIST) and view.may(request, Access.EXPORT)):
            raise CannotBeDone(failure=ExportFailure.not_allowed)
        listing = listing_of(view, read_query(view, request.query_params))
        await plan_anew(session)
        total = await session.scalar(select(func.count()).select_from(listing.found.order_by(None).subquery())) or 0
        connection = await session.connection()
        numbers = {"state": LongJobState.running, "total": min(total, MOST_ROWS)}
        await note(connection, EXPORTS, export_id, after=export.done, **numbers)
    return _Writing(export_id, view, request, listing, export.done, export.place)


async def _write_part(db: Database, writing: _Writing) -> None:
    async with db.begin() as session:
        await plan_anew(session)
        rows, place = await find_part(session, writing.listing, after=writing.place or "", size=ROWS_AT_ONCE)
        await writing.view.complete(session, rows)
        part = {"export_id": writing.id, "number": writing.done, "data": _compressed(writing, rows)}
        done, connection = writing.done + len(rows), await session.connection()
        await note(connection, EXPORTS, writing.id, after=writing.done, done=done, place=place)
        await connection.execute(insert(PARTS).values(part))
    writing.done, writing.place = done, place


def _compressed(writing: _Writing, rows: Sequence[Any]) -> bytes:
    heading = "" if writing.done else first_line(writing.view, writing.request)
    return zlib.compress((heading + lines(writing.view, rows, writing.request)).encode())


async def _as_owner(session: AsyncSession, export: ListExport, db: Database) -> Request:
    """The request for the list as its owner would send it now. Raises CannotBeDone."""
    user = await session.get(User, export.user_id)
    if user is None or user.disabled_at is not None:
        raise CannotBeDone(failure=ExportFailure.not_allowed)
    owner = CurrentUser(
        id=user.id,
        email=user.email,
        name=user.name,
        locale=export.locale,
        session_id=export.id,
        permissions=permissions_in(await roles_of(session, user.id)),
    )
    path = export_url(export.view, **dict(parse_qsl(export.query)))
    state = {"views": _views(), "current_user": owner, "db": db}
    scope = {"type": "http", "method": "GET", "path": path.partition("?")[0], "headers": [], "state": state}
    return Request({**scope, "query_string": export.query.encode(), "root_path": PATH})


@cache
def _views() -> ViewRegistry:
    return registry_of(admin_views())
