"""An export as people read it: sections, what is theirs first and what machines keep last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.devices.programs import program_name
from apps.core.money import format_money
from apps.core.privacy.holdings import holdings
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import local_time
from apps.privacy.exporting.contents import from_json
from apps.privacy.exporting.labels import LABELS
from apps.privacy.exporting.value_words import TOLD_IN_WORDS, VALUE_WORDS
from project.settings import settings

MONEY = frozenset(("amount", "captured", "price", "refunded", "shipping", "subtotal", "tax", "total", "unit_price"))
MOMENT = "d MMMM y, HH:mm"
NO, YES = _("No"), _("Yes")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """`rows`: of each, what its values are called, and the values as text."""

    title: str
    rows: list[list[tuple[str, str]]]


def sections(result: bytes, locale: str) -> list[Section]:
    """`result`: what `to_json` made. Without what is empty, and without ids."""
    held = from_json(result).held
    currencies = {row["id"]: row["currency"] for row in held.get("orders", ())}
    found = ((rows.title.in_locale(locale), held.get(rows.name, [])) for rows in reversed(holdings()))
    named = ((title, [list(_values(row, _currency(row, currencies), locale)) for row in rows]) for title, rows in found)
    return [Section(title, rows) for title, rows in named if any(rows)]


def _currency(row: Row, currencies: Mapping[str, str]) -> str | None:
    return row.get("currency") or currencies.get(row.get("order_id", ""))


def _values(row: Row, currency: str | None, locale: str) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if name not in LABELS or value in (None, "", [], {}):
            continue
        yield LABELS[name].in_locale(locale), _told(name, value, currency, locale)


def _told(name: str, value: Any, currency: str | None, locale: str) -> str:
    """A column's value as people read it."""
    if name in MONEY and currency and isinstance(value, int):
        return format_money(value, currency, locale=locale)
    if name in TOLD_IN_WORDS and isinstance(value, str) and value in VALUE_WORDS:
        return VALUE_WORDS[value].in_locale(locale)
    if name == "program":
        return program_name(value, locale)
    return _as_text(value, locale)


def _as_text(value: Any, locale: str) -> str:
    """A JSON value as people read it."""
    match value:
        case bool():
            return (YES if value else NO).in_locale(locale)
        case str():
            return _moment(value, locale) or value
        case dict():
            told = ((LABELS[name].in_locale(locale) if name in LABELS else name, each) for name, each in value.items())
            return "; ".join(f"{name}: {_as_text(each, locale)}" for name, each in told if each is not None)
        case list():
            return ", ".join(_as_text(each, locale) for each in value)
        case _:
            return str(value)


def _moment(text: str, locale: str) -> str | None:
    """None for what is no moment of the export's own form: `2026-12-01T01:29:12Z`."""
    if text[10:11] != "T" or not text.endswith("Z"):
        return None
    try:
        return local_time(datetime.fromisoformat(text), settings.time_zone, MOMENT, locale=locale)
    except ValueError:
        return None
