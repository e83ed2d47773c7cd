"""How columns of orders are shown that no other list has."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from markupsafe import Markup
from starlette.requests import Request

from apps.backoffice.formats import NOTHING, Formatter, badge
from apps.backoffice.requests import locale_of
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderDispute, OrderState

ORDER_STATES: Mapping[Any, Lazy] = {
    OrderState.pending: _("Unpaid"),
    OrderState.paid: _("Paid"),
    OrderState.refunded: _("Refunded"),
    OrderState.expired: _("Expired"),
    OrderState.cancelled: _("Cancelled"),
}
DISPUTES: Mapping[Any, Lazy] = {
    OrderDispute.open: _("Disputed: on hold"),
    OrderDispute.lost: _("Dispute lost: on hold"),
}
TAKEN_BACK = _("Voided")
"""Refunded, of what was free of charge: no money went back."""
BACK = _("{amount} refunded")


def order_state(row: Any, name: str, request: Request) -> Any:
    """Nothing was paid back of what cost nothing."""
    is_free_and_gone = row.state is OrderState.refunded and not row.total
    names = {**ORDER_STATES, OrderState.refunded: TAKEN_BACK} if is_free_and_gone else ORDER_STATES
    shown = badge(names)(row, "state", request)
    if row.dispute is None or row.state is not OrderState.paid:
        return shown
    held = DISPUTES[row.dispute].in_locale(locale_of(request))
    return Markup('{} <span class="badge state-failed">{}</span>').format(shown, held)


def customer(row: Any, name: str, request: Request) -> Markup:
    return Markup('<span>{}<br><span class="quiet">{}</span></span>').format(row.name or NOTHING, row.email)


def total(row: Any, name: str, request: Request) -> Any:
    """And below it what was paid back of it."""
    locale = locale_of(request)
    whole = format_money(row.total, row.currency, locale=locale)
    if not row.refunded:
        return whole
    back = BACK.in_locale(locale).format(amount=format_money(row.refunded, row.currency, locale=locale))
    return Markup('<span>{}<br><span class="quiet">{}</span></span>').format(whole, back)


def number_of(column: str) -> Formatter:
    """Minor units as a plain number, for spreadsheets: 19.90."""

    def shown(row: Any, name: str, request: Request) -> str:
        digits = get_currency_precision(row.currency)
        return f"{Decimal(getattr(row, column)).scaleb(-digits):.{digits}f}"

    return shown
