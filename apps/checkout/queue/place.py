"""Placing: a cart, or lines given at once, become an order whose units are held until it is paid or expires."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from apps.checkout.queue.cart import CartPlaced
from apps.checkout.queue.commands import GiveAway, Place
from apps.checkout.queue.desk import CartState, Desk, LineState
from apps.checkout.queue.placed import order_number, placed_out
from apps.checkout.queue.selling import OfferGone, price_up, refuse_over_limits, refuse_unsellable, sold_out, unit_price
from apps.checkout.queue.shares import NetworkShares, refuse_buyer
from apps.core.errors import AppError, FieldError, Invalid, NotFound
from apps.core.events import calls_for
from apps.core.http.idempotency import KeptAnswer
from apps.core.text.i18n import lazy as _
from apps.inventory.holds import NotEnough
from apps.inventory.ledger import Claims
from apps.orders.events import OrderPaid
from apps.orders.models import OrderState
from apps.orders.quote import Quote
from apps.orders.repositories import OfferTerms
from project.settings import settings

PAY_WINDOW = timedelta(minutes=settings.pay_minutes)


class CartEmpty(AppError):
    status = 409
    type = "cart-empty"
    message = _("There is nothing in the cart.")


class CartOrLines(AppError):
    status = 422
    type = "cart-or-lines"
    message = _("An order is made of a cart, or of the lines given: not of both.")


class AddressMissing(Invalid):
    type = "address-missing"
    message = _("An address is needed to send this order.")


class NotSentThere(AppError):
    """Shipping has one price, in the shop's currency."""

    status = 409
    type = "shipping-currency"
    message = _("Parcels are sent only for orders in {currency}.")


class PriceChanged(AppError):
    """`total` is what the order costs now."""

    status = 409
    type = "price-changed"
    message = _("The total has changed. Please look at the order again.")


def place(desk: Desk, command: Place) -> KeptAnswer:
    """The order of a cart that was placed before is answered again. Raises CartPlaced when it is somebody else's."""
    cart = _cart(desk, command)
    if cart is not None and cart.placed:
        return _placed_before(desk, command, cart)
    lines = _lines(cart, command)
    currency = cart.currency if cart else command.currency
    priced = _agreed(desk, command, lines, currency)
    order, rows = _order_rows(desk, command, cart, lines, priced)
    _refuse_surprises(command, order, priced)
    _take(desk, command, lines)
    return _write(desk, command, cart, order, rows)


def _cart(desk: Desk, command: Place) -> CartState | None:
    if command.cart_id is None:
        return None
    if command.cart_id not in desk.carts:
        raise NotFound
    return desk.carts[command.cart_id]


def _placed_before(desk: Desk, command: Place, cart: CartState) -> KeptAnswer:
    order, rows = desk.placed_orders[cart.id]
    if order["email"] != command.email:
        raise CartPlaced
    return KeptAnswer(201, _encoded(order, rows))


def _lines(cart: CartState | None, command: Place) -> Sequence[LineState]:
    if cart is None:
        return [LineState(uuid7(), line.offer_id, line.quantity, line.price) for line in command.lines]
    if not cart.lines:
        raise CartEmpty
    return list(cart.lines.values())


def _agreed(
    desk: Desk, command: Place, lines: Sequence[LineState], currency: str
) -> Sequence[tuple[OfferTerms, int, int]]:
    """(offer, quantity, unit price) of each line."""
    if isinstance(command, GiveAway):
        return [(_offer(desk, line), line.quantity, 0) for line in lines]
    priced = [_priced(desk, line, currency) for line in lines]
    _refuse_over_limits(desk, command.email, priced)
    return priced


def _priced(desk: Desk, line: LineState, currency: str) -> tuple[OfferTerms, int, int]:
    offer = _offer(desk, line)
    refuse_unsellable(offer, at=desk.moment)
    return offer, line.quantity, unit_price(offer, currency, named=line.price)


def _offer(desk: Desk, line: LineState) -> OfferTerms:
    offer = desk.offers.get(line.offer_id)
    if offer is None:
        raise OfferGone(offer=str(line.offer_id))
    return offer


def _refuse_over_limits(desk: Desk, email: str, priced: Sequence[tuple[OfferTerms, int, int]]) -> None:
    wanted: dict[UUID, int] = {}
    for offer, quantity, _price in priced:
        wanted[offer.id] = wanted.get(offer.id, 0) + quantity
        refuse_over_limits(offer, wanted[offer.id], bought=desk.bought.get((email, offer.id), 0))


def _refuse_surprises(command: Place, order: dict[str, Any], priced: Sequence[tuple[OfferTerms, int, int]]) -> None:
    if command.ships and command.address is None and any(offer.needs_shipping for offer, _quantity, _price in priced):
        raise AddressMissing(errors=[FieldError("address", AddressMissing.message)])
    if order["shipping"] and order["currency"] != settings.currency:
        raise NotSentThere(currency=settings.currency)
    if command.expected_total not in (None, order["total"]):
        raise PriceChanged(total=order["total"], currency=order["currency"])


def _take(desk: Desk, command: Place, lines: Sequence[LineState]) -> None:
    """Units the cart holds pass to the order; only what is missing is taken from the pools."""
    offers = [desk.offers[line.offer_id] for line in lines]
    claims = {line.id: offer.units(line.quantity) for line, offer in zip(lines, offers, strict=True)}
    if not isinstance(command, GiveAway):
        _refuse_buyer(desk, command, offers, claims)
    shares = NetworkShares(desk.ledger, offers, desk.moment)
    try:
        desk.ledger.hold(command.order_id, claims, until=None, network=command.network, refuse=shares.refuse)
    except NotEnough as error:
        by_line = {line.id: offer for line, offer in zip(lines, offers, strict=True)}
        raise sold_out(desk.ledger, by_line, claims, error.left) from None


def _refuse_buyer(desk: Desk, command: Place, offers: Sequence[OfferTerms], claims: Claims) -> None:
    wanted: dict[UUID, int] = {}
    for claimed in claims.values():
        for pool, units in claimed.items():
            wanted[pool] = wanted.get(pool, 0) + units
    for customer in command.customers:
        refuse_buyer(offers, wanted, held=desk.held_by.get(customer, {}))


def _order_rows(
    desk: Desk,
    command: Place,
    cart: CartState | None,
    lines: Sequence[LineState],
    priced: Sequence[tuple[OfferTerms, int, int]],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    sums = price_up(priced, ships=command.ships and not isinstance(command, GiveAway))
    order = _order_row(desk, command, cart, sums)
    return order, _line_rows(order["id"], lines, priced, sums)


def _order_row(desk: Desk, command: Place, cart: CartState | None, sums: Quote) -> dict[str, Any]:
    return {
        "id": command.order_id,
        "created_at": desk.moment,
        "number": order_number(),
        "nonce": secrets.token_bytes(8),
        "cart_id": cart.id if cart else None,
        "user_id": command.user_id,
        "state": OrderState.pending if sums.total else OrderState.paid,
        "email": command.email,
        "name": command.name,
        "address": command.address,
        "locale": command.locale,
        "currency": cart.currency if cart else command.currency,
        "subtotal": sums.subtotal,
        "shipping": sums.shipping,
        "tax": sums.tax,
        "total": sums.total,
        "pay_until": desk.moment + PAY_WINDOW,
        "paid_at": None if sums.total else desk.moment,
    }


def _line_rows(
    order_id: UUID,
    lines: Sequence[LineState],
    priced: Sequence[tuple[OfferTerms, int, int]],
    sums: Quote,
) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "order_id": order_id,
            "offer_id": offer.id,
            "position": position,
            "kind": offer.kind,
            "title": offer.title,
            "translations": _titles(offer),
            "quantity": quantity,
            "unit_price": price,
            "total": line_quote.total,
            "tax": line_quote.tax,
        }
        for position, (line, (offer, quantity, price), line_quote) in enumerate(
            zip(lines, priced, sums.lines, strict=True)
        )
    ]


def _titles(offer: OfferTerms) -> dict[str, dict[str, str]]:
    """By language, other than the main one."""
    return {locale: {"title": texts["title"]} for locale, texts in offer.translations.items() if texts.get("title")}


def _write(
    desk: Desk, command: Place, cart: CartState | None, order: dict[str, Any], rows: list[dict[str, Any]]
) -> KeptAnswer:
    desk.orders.append(order)
    desk.order_lines.extend(rows)
    if order["state"] is OrderState.paid:
        desk.calls.extend(calls_for(OrderPaid(order["id"])))
    if cart is not None:
        cart.placed = True
        desk.placed_orders[cart.id] = (order, rows)
        desk.touch(cart)
    _remember(desk, command, order, rows)
    return KeptAnswer(201, _encoded(order, rows))


def _remember(desk: Desk, command: Place, order: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """For what the same customer orders later in this batch."""
    for row in rows:
        key = (command.email, row["offer_id"])
        desk.bought[key] = desk.bought.get(key, 0) + row["quantity"]
    if order["state"] is OrderState.pending:
        taken = desk.ledger.units_of(command.order_id)
        for customer in command.customers:
            held = desk.held_by.get(customer, {})
            desk.held_by[customer] = {pool: held.get(pool, 0) + taken.get(pool, 0) for pool in {**held, **taken}}


def _encoded(order: Any, rows: Sequence[Any]) -> bytes:
    return msgspec.json.encode(placed_out(order, rows, locale=order["locale"]))
