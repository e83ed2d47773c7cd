"""How a value in the audit log is shown to people: by its type, or as its view shows it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from apps.backoffice.fields import LANGUAGES
from apps.backoffice.formats import NO, NOTHING, YES, clock
from apps.backoffice.requests import id_of
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.media.fetching.fetch_requests import is_elsewhere
from apps.media.urls import thumbnail
from project.settings import settings

LONGEST = 300
FIELDS: Mapping[str, Lazy] = {
    "title": _("Title"),
    "name": _("Title"),
    "number": _("Number"),
    "slug": _("URL"),
    "description": _("Description"),
    "translations": _("In other languages"),
    "images": _("Images"),
    "tags": _("Tags"),
    "vendor": _("Vendor"),
    "category": _("Category"),
    "category_id": _("Category"),
    "tour_id": _("Tour"),
    "venue_id": _("Venue"),
    "options": _("Options"),
    "option_names": _("Options"),
    "prices": _("Price"),
    "allocation": _("Stock used"),
    "stock": _("Quantity"),
    "tax_class": _("Tax"),
    "position": _("Position in lists"),
    "published": _("Published"),
    "publish_at": _("Publish at"),
    "archived": _("Archived"),
    "disabled": _("Deactivated"),
    "active": _("On sale"),
    "capacity": _("Total stock"),
    "orders": _("Orders"),
    "tickets_elsewhere": _("Tickets elsewhere"),
    "permissions": _("Permissions"),
    "roles": _("Roles"),
    "locale": _("Language"),
    "reason": _("Reason"),
    "note": _("Note"),
    "state": _("Status"),
    "amount": _("Amount"),
    "quantity": _("Quantity"),
}
"""Those that no column of their view is called like."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody is told: their language, the thing's clocks and money, and the names of the ids they may know."""

    locale: str
    zone: str = settings.time_zone
    currency: str = settings.currency
    names: Mapping[str, str] | None = None


Telling = Callable[[Any, Reader], Any]
"""A field's own way to say a value."""


def tell(value: Any, reader: Reader) -> Any:
    """By the value's own kind."""
    if value is None or value in ("", [], {}):
        return NOTHING
    match value:
        case bool():
            return (YES if value else NO).in_locale(reader.locale)
        case str():
            return _text(value, reader)
        case [{"url": _}, *_]:
            return pictures(value)
        case list():
            return ", ".join(str(tell(each, reader)) for each in value)
        case Mapping():
            return "; ".join(f"{_named(name, reader)}: {tell(each, reader)}" for name, each in value.items())
        case _:
            return str(value)


def states(names: Mapping[Any, Lazy]) -> Telling:
    """A state by its name."""
    return lambda value, reader: names[value].in_locale(reader.locale) if value in names else tell(value, reader)


def money(value: int, reader: Reader) -> str:
    return format_money(value, reader.currency, locale=reader.locale)


def hidden(value: Any, reader: Reader) -> str:
    """Told with something else already."""
    return NOTHING


def pictures(images: Sequence[Mapping[str, str]]) -> Markup:
    return Markup(" ").join(_picture(each["url"], each.get("alt", "")) for each in images)


def _picture(url: str, alt: str) -> Markup:
    """What lies elsewhere is not shown but told: no other site learns who looks at this page."""
    if is_elsewhere(url):
        return escape(" ".join(filter(None, [url.partition("://")[2][:LONGEST], alt and f"({alt})"])))
    return Markup('<img class="thumb" src="{}" alt="{}" loading="lazy">').format(thumbnail(url), alt)


def _text(value: str, reader: Reader) -> Any:
    """A moment on the clocks of the thing, an id by its name, all else as it was written down."""
    if id_of(value):
        return (reader.names or {}).get(value, NOTHING)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    return clock(moment, reader.zone, reader.locale) if moment.tzinfo else value


def _named(name: str, reader: Reader) -> str:
    """Of an object's part."""
    if name in LANGUAGES:
        return LANGUAGES[name]
    if name in FIELDS:
        return FIELDS[name].in_locale(reader.locale)
    return str(_text(name, reader))
