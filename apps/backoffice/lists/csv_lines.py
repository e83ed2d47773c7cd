"""A list as lines of CSV: what it shows, and safe to open in a spreadsheet."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from apps.backoffice.formats import NOTHING
from apps.backoffice.lists.listing import cell_of
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View

MOMENT = re.compile(r'<time datetime="([0-9-]{10}T[0-9:]{5})')
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TO_QUOTE = re.compile(r'[",;\t\r\n]')
BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""


def first_line(view: View, request: Request) -> str:
    """What the columns are called."""
    return BOM + _line(view.column_labels[name].in_locale(locale_of(request)) for name in _columns(view))


def lines(view: View, rows: Iterable[Any], request: Request) -> str:
    """The rows are complete."""
    return "".join(_line(_plain(cell_of(view, row, name, request)) for name in _columns(view)) for row in rows)


def _columns(view: View) -> Sequence[Any]:
    return view.column_export_list or view.column_list


def _plain(cell: Any) -> str:
    """A moment as spreadsheets sort it, on the clocks that it is shown by: 2026-12-12 20:00. Nothing is empty."""
    if not isinstance(cell, Markup):
        return "" if cell == NOTHING else str(cell)
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
