"""Jinja templates of every app (`apps/<app>/templates/<app>/…`), in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.environment import TemplateModule

from apps.core.installed import folders
from apps.core.money import format_money
from apps.core.text.i18n import Lazy, translations
from apps.core.text.postal import address_text
from project.settings import ROOT, settings

LONG = "EEEE, d MMMM y, HH:mm"


@cache
def environment(locale: str) -> Environment:
    """One environment a language: `_`, money and times are bound to it."""
    made = Environment(
        loader=FileSystemLoader(folders("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=not settings.is_production,
    )
    made.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(locale=locale, settings=settings, asset=asset)
    made.filters.update(
        say=lambda sentence: sentence.in_locale(locale) if isinstance(sentence, Lazy) else sentence,
        money=lambda amount, currency: format_money(amount, currency, locale=locale),
        postal=lambda address: address_text(address, locale),
        host=lambda url: urlsplit(url).hostname,
        day=lambda day: format_date(day, "long", locale=locale),
        number=lambda number: format_decimal(number, locale=locale),
        local_time=lambda moment, zone=settings.time_zone, pattern=LONG: local_time(
            moment, zone, pattern, locale=locale
        ),
    )
    return made


def local_time(moment: datetime, zone: str, pattern: str = LONG, *, locale: str) -> str:
    """The moment on the clocks of `zone` (an IANA name), by a CLDR pattern: "Saturday, 12 December 2026, 20:00"."""
    return format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=locale)


@cache
def static_paths() -> dict[str, Path]:
    """Every static file of the apps and of the project, by its address without /static/."""
    roots = [*folders("static"), ROOT / "project" / "static"]
    return {str(path.relative_to(root)): path for root in roots for path in root.rglob("*") if path.is_file()}


@cache
def asset(path: str) -> str:
    """The address of a static file, changing with its content, so that no browser shows an old one."""
    digest = sha256(static_paths()[path].read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={digest}"


def fragment(name: str, locale: str, words: Mapping[str, Any]) -> TemplateModule:
    """A piece of a page or a mail: as text by `str`, and not escaped once more by the template that shows it."""
    return environment(locale).get_template(name).make_module(dict(words))


def render(name: str, locale: str, words: Mapping[str, Any]) -> str:
    return environment(locale).get_template(name).render(words)
