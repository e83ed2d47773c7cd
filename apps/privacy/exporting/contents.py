"""The file of an export: JSON for programs, and the same as a page for people."""

from datetime import datetime
from typing import Any

import msgspec

from apps.core.privacy.holdings import holdings
from apps.core.text.templates import render
from project.settings import settings


class PersonalData(msgspec.Struct, kw_only=True):
    """`held`: by the table's name, its rows."""

    made_at: datetime
    band: str
    email: str
    held: dict[str, list[dict[str, Any]]]


def to_json(export: PersonalData) -> bytes:
    return msgspec.json.format(msgspec.json.encode(export), indent=2)


def from_json(result: bytes) -> PersonalData:
    """`result`: what `to_json` made."""
    return msgspec.json.decode(result, type=PersonalData)


def to_page(result: bytes, locale: str) -> str:
    """`result`: what `to_json` made."""
    export = from_json(result)
    titles = {rows.name: rows.title.in_locale(locale) for rows in holdings()}
    sections = [(titles.get(name, name), rows) for name, rows in export.held.items() if rows]
    words = {"band": settings.band_name, "export": export, "sections": sections, "said": said}
    return render("privacy/data.html", locale, words)


def said(value: Any) -> str:
    """A JSON value as people read it."""
    match value:
        case None:
            return "–"
        case str():
            return value
        case dict() | list():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)
