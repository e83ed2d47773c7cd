"""A list as a CSV file: exactly what it shows as it is searched and narrowed, and safe to open in a spreadsheet."""

import re
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from apps.backoffice.history.audit_log import EXPORT
from apps.backoffice.lists.listing import cell_of
from apps.backoffice.lists.pages import find_part, plan_anew
from apps.backoffice.lists.query import listing_of, read_query
from apps.backoffice.requests import current_user_of, db_of, locale_of
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry
from apps.core.audit import record_about

MOST_ROWS = 1_000_000
ROWS_AT_ONCE = 500
MOMENT = re.compile(r'<time datetime="([0-9-]{10}T[0-9:]{5})')
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TO_QUOTE = re.compile(r'[",;\t\r\n]')
BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""


async def export(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.EXPORT)
    async with db_of(request).begin() as session:
        _record(session, view, request)
    name = f"{view.identity}-{date.today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingResponse(_lines(view, request), media_type="text/csv; charset=utf-8", headers=headers)


def _record(session: AsyncSession, view: View, request: Request) -> None:
    """It is about a list, which has no row."""
    kind, id = view.model.__name__, uuid5(NAMESPACE_URL, view.identity)
    about = {"query": str(request.url.query)[:2000]}
    record_about(session, EXPORT, kind, id, actor=current_user_of(request).actor, after=about)


async def _lines(view: View, request: Request) -> AsyncIterator[str]:
    """A part of the list after the other, so that the file needs neither memory nor a long transaction."""
    listing, written = listing_of(view, read_query(view, request.query_params)), 0
    after: str | None = ""
    names = view.column_export_list or view.column_list
    titles = [view.column_labels[name].in_locale(locale_of(request)) for name in names]
    yield BOM + _line(titles)
    while after is not None and written < MOST_ROWS:
        async with db_of(request).begin() as session:
            await plan_anew(session)
            rows, after = await find_part(session, listing, after=after, size=ROWS_AT_ONCE)
            await view.complete(session, rows)
        yield "".join(_line(_plain(cell_of(view, row, name, request)) for name in names) for row in rows)
        written += len(rows)


def _plain(cell: Any) -> str:
    """A moment as spreadsheets sort it, on the clocks that it is shown by: 2026-12-12 20:00."""
    if not isinstance(cell, Markup):
        return str(cell)
    moment = MOMENT.match(cell)
    return moment[1].replace("T", " ") if moment else cell.striptags()


def _line(cells: Iterable[str]) -> str:
    return ",".join(quoted(harmless(cell)) for cell in cells) + "\r\n"


def quoted(cell: str) -> str:
    """By RFC 4180, and where there is a semicolon, too: spreadsheets of many countries part cells there."""
    return '"{}"'.format(cell.replace('"', '""')) if TO_QUOTE.search(cell) else cell


def harmless(cell: str) -> str:
    """Spreadsheets run what begins like a formula; after an apostrophe it is a text (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
