"""Prices of offers in the back office's tables."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_datetime

from apps.backoffice.formats import NOTHING, SHORT
from apps.backoffice.history.values import Reader, Telling, tell
from apps.core.money import format_money
from apps.core.text.i18n import lazy as _
from apps.orders.models import Offer
from apps.orders.offers.terms import prices_of
from apps.orders.schemas import PriceIn, ReducedIn
from project.settings import settings

WITH_BEFORE = _("{price} (was {before})")
FOR_MEMBERS = _("members {price}")
FROM, UNTIL = _("from {moment}"), _("until {moment}")


def prices_text(offer: Offer, locale: str, *, zone: str = settings.time_zone) -> str:
    """In every currency that it has a price in; it was loaded with them."""
    prices = prices_of(offer)
    return ", ".join(price_text(each, currency, locale, zone=zone) for currency, each in prices.items()) or NOTHING


def price_text(price: PriceIn, currency: str, locale: str, *, zone: str = settings.time_zone) -> str:
    """With the others behind it: €62.00; members €50.00; €49.60 (was €62.00) from 1 Dec 2026, 00:00."""
    text = _with_before(price.amount, price.compare_at, currency, locale)
    if price.member_amount is not None:
        members = FOR_MEMBERS.in_locale(locale)
        text += f"; {members.format(price=format_money(price.member_amount, currency, locale=locale))}"
    if price.reduced is None:
        return text
    reduced = _with_before(price.reduced.amount, price.reduced.compare_at, currency, locale)
    return f"{text}; " + " ".join([reduced, *_when(price.reduced, locale, zone)])


def _in_words(prices: Any, reader: Reader) -> str:
    """As an entry of the audit log has them."""
    try:
        known = msgspec.convert(prices, dict[str, PriceIn])
    except msgspec.ValidationError:  # as they were kept before
        return str(tell(prices, reader))
    texts = [price_text(each, currency, reader.locale, zone=reader.zone) for currency, each in known.items()]
    return ", ".join(texts) or NOTHING


PRICES_IN_WORDS: Mapping[str, Telling] = {"prices": _in_words}


def _with_before(amount: int, before: int | None, currency: str, locale: str) -> str:
    text = format_money(amount, currency, locale=locale)
    if before is None:
        return text
    return WITH_BEFORE.in_locale(locale).format(price=text, before=format_money(before, currency, locale=locale))


def _when(reduced: ReducedIn, locale: str, zone: str) -> Iterator[str]:
    for word, moment in ((FROM, reduced.begins_at), (UNTIL, reduced.ends_at)):
        if moment:
            yield word.in_locale(locale).format(moment=_clock(moment, locale, zone))


def _clock(moment: datetime, locale: str, zone: str) -> str:
    return format_datetime(moment, SHORT, tzinfo=ZoneInfo(zone), locale=locale)
