"""How a column's value is shown: `column_formatters` of views, as SQLAdmin has them (row, name, request).

Markup is only ever made by `Markup.format`, which escapes what it fills in.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup, escape
from starlette.requests import Request

from apps.backoffice.auth.page_access import may_open
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import row_url
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

Formatter = Callable[[Any, str, Request], Any]
NOTHING = "–"
YES, NO = _("Yes"), _("No")
SHORT = "d MMM y, HH:mm"


def value_of(row: Any, name: str) -> Any:
    """`category.title` goes through relations, and is None where one is."""
    for part in name.split("."):
        row = getattr(row, part, None)
    return row


def plainly(row: Any, name: str, request: Request) -> Any:
    """By the value's type."""
    match value_of(row, name):
        case None | "" | []:
            return NOTHING
        case bool(value):
            return (YES if value else NO).in_locale(locale_of(request))
        case int(value):
            return format_decimal(value, locale=locale_of(request))
        case datetime() as value:
            return clock(value, settings.time_zone, locale_of(request))
        case Enum() as value:
            return str(value.value)
        case list(value):
            return ", ".join(map(str, value))
        case value:
            return str(value)


def clock(moment: datetime, zone: str, locale: str) -> Markup:
    """On the clocks of `zone`, with its name: 12 Dec 2026, 20:00 CET."""
    local = moment.astimezone(ZoneInfo(zone))
    text = format_datetime(local, SHORT, tzinfo=ZoneInfo(zone), locale=locale)
    return Markup('<time datetime="{}">{} <span class="zone">{}</span></time>').format(
        local.isoformat(), text, local.tzname()
    )


def in_zone_of(path: str) -> Formatter:
    """A moment on the clocks of a place: `in_zone_of("venue.time_zone")`."""

    def shown(row: Any, name: str, request: Request) -> Any:
        moment = value_of(row, name)
        return clock(moment, value_of(row, path) or settings.time_zone, locale_of(request)) if moment else NOTHING

    return shown


def money_in(currency: str) -> Formatter:
    """Minor units, of the currency that stands in the column `currency`."""

    def shown(row: Any, name: str, request: Request) -> Any:
        amount = value_of(row, name)
        if amount is None:
            return NOTHING
        return format_money(amount, value_of(row, currency) or settings.currency, locale=locale_of(request))

    return shown


def badge(names: Mapping[Any, Lazy]) -> Formatter:
    """A state by its name; its own name is its class, for the colour."""

    def shown(row: Any, name: str, request: Request) -> Any:
        value = value_of(row, name)
        if value is None:
            return NOTHING
        text = names[value].in_locale(locale_of(request)) if value in names else str(value)
        return Markup('<span class="badge state-{}">{}</span>').format(str(getattr(value, "value", value)), text)

    return shown


def link_of(url: str, text: Any, request: Request) -> Markup:
    """The text alone for who may not open what it leads to."""
    if not may_open(request, url):
        return escape(text)
    return Markup('<a href="{}">{}</a>').format(url, text)


def heading_of(url: str, text: Any, request: Request) -> Markup:
    """The same in the first cell of a row: on a phone the card's heading."""
    if not may_open(request, url):
        return escape(text)
    return Markup('<a class="row" href="{}">{}</a>').format(url, text)


def link_to(identity: str, label: str) -> Formatter:
    """A relation as a link to its details; `label` is its column to be read."""

    def shown(row: Any, name: str, request: Request) -> Any:
        target = value_of(row, name)
        if target is None:
            return NOTHING
        return link_of(row_url(identity, target), getattr(target, label), request)

    return shown


def capacity_bar(sold: int, held: int, whole: int, text: str) -> Markup:
    """How much of something is sold, and held beside it: a bar with its text."""
    share = 100 / max(whole, 1)
    return Markup(
        '<span class="meter"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="left" width="100" height="6"/><rect class="held" width="{:.2f}" height="6"/>'
        '<rect class="sold" width="{:.2f}" height="6"/></svg><span>{}</span></span>'
    ).format(min(100, (sold + held) * share), min(100, sold * share), text)
