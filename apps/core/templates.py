"""Jinja templates of every app (`apps/<app>/templates/<app>/…`), in the reader's language."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from apps.core.i18n import translations
from apps.core.money import format_money
from project.settings import ROOT, settings


@cache
def environment(locale: str) -> Environment:
    """One environment a language: `_`, money and times are bound to it."""
    folders = sorted((ROOT / "apps").glob("**/templates"))
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=not settings.is_production,
    )
    made.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(locale=locale, settings=settings)
    made.filters.update(
        money=lambda amount, currency: format_money(amount, currency, locale=locale),
        local_time=lambda moment, zone=settings.time_zone: local_time(moment, zone, locale=locale),
    )
    return made


def local_time(moment: datetime, zone: str, *, locale: str) -> str:
    """The moment on the clocks of `zone` (an IANA name): "Saturday, 12 December 2026, 20:00"."""
    return format_datetime(moment.astimezone(ZoneInfo(zone)), "EEEE, d MMMM y, HH:mm", locale=locale)


def render(name: str, locale: str, words: dict[str, Any]) -> str:
    return environment(locale).get_template(name).render(words)
