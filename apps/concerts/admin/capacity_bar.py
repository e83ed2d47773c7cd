"""How full a hall is, as a bar with its text."""

from markupsafe import Markup
from starlette.requests import Request

from apps.backoffice import formats
from apps.backoffice.requests import locale_of
from apps.core.text.i18n import lazy as _
from apps.inventory.levels import Level

SOLD = _("{sold} of {capacity}")
SOLD_AND_HELD = _("{sold} of {capacity}, {held} reserved")


def capacity_bar(level: Level, request: Request) -> Markup:
    sentence = (SOLD_AND_HELD if level.held else SOLD).in_locale(locale_of(request))
    text = sentence.format(sold=level.sold, capacity=level.capacity, held=level.held)
    return formats.capacity_bar(level.sold, level.held, level.capacity, text)
