"""How full a hall is, as a bar with its text."""

from markupsafe import Markup
from starlette.requests import Request

from apps.backoffice import formats
from apps.backoffice.requests import locale_of
from apps.core.text.i18n import lazy as _
from apps.inventory.levels import Level

SOLD = _("{sold} of {placed}")
SOLD_AND_HELD = _("{sold} of {placed}, {held} held")


def meter(level: Level, request: Request) -> Markup:
    sentence = (SOLD_AND_HELD if level.held else SOLD).in_locale(locale_of(request))
    text = sentence.format(sold=level.sold, placed=level.placed, held=level.held)
    return formats.meter(level.sold, level.held, level.placed, text)
