"""Carts: putting in, changing, taking out. Each change holds the units it asks for, or is refused."""

from datetime import datetime

from uuid_utils.compat import uuid7

from apps.checkout.queue.batch import HOLD, HOLD_CEILING, Batch, CartState, LineState
from apps.checkout.queue.commands import AddLine, ChangeLine
from apps.checkout.queue.hold_limits import CartAllowance
from apps.checkout.queue.sale_rules import OfferGone, refuse_over_limits, refuse_unsellable, sold_out, unit_price
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import lazy as _
from apps.inventory.holds import NotEnough
from apps.orders.demand import quantities_of
from apps.orders.repositories import OfferTerms

MOST_LINES = 50


class CartFull(AppError):
    status = 409
    type = "cart-full"
    message = _("A cart takes at most {limit} different things.")


class HeldTooLong(AppError):
    """The ceiling is reached; a moment later the units are free for everybody, this cart too."""

    status = 409
    type = "held-too-long"
    message = _("These items cannot be reserved any longer. Please check out now, or try again in a minute.")


class CartPlaced(AppError):
    status = 409
    type = "cart-placed"
    message = _("This cart has become an order and cannot be changed.")


def add_line(batch: Batch, command: AddLine) -> CartState:
    offer = batch.offers.get(command.wanted.offer_id)
    if offer is None:
        raise OfferGone
    cart = _open_cart(batch, command)
    refuse_unsellable(offer, at=batch.moment)
    unit_price(offer, cart.currency, named=command.wanted.price)
    line = _same_line(cart, command) or LineState(uuid7(), offer.id, 0, command.wanted.price)
    if len(cart.lines) >= MOST_LINES and line.id not in cart.lines:
        raise CartFull(limit=MOST_LINES)
    _set_quantity(batch, cart, line, line.quantity + command.wanted.quantity, command.network)
    return cart


def change_line(batch: Batch, command: ChangeLine) -> CartState:
    cart = batch.carts.get(command.cart_id)
    if cart is None:
        raise NotFound
    if cart.placed:
        raise CartPlaced
    line = cart.lines.get(command.line_id)
    if line is None:
        raise NotFound
    if command.quantity:
        refuse_unsellable(batch.offers[line.offer_id], at=batch.moment)
        _set_quantity(batch, cart, line, command.quantity, command.network)
    else:
        _remove(batch, cart, line)
    return cart


def _open_cart(batch: Batch, command: AddLine) -> CartState:
    """The fan's cart, or a new one when there is none or it was placed."""
    cart = batch.carts.get(command.cart_id) if command.cart_id else None
    if cart is None or cart.placed:
        return CartState(uuid7(), command.currency, command.locale, created_at=batch.moment)
    return cart


def _same_line(cart: CartState, command: AddLine) -> LineState | None:
    wanted = (command.wanted.offer_id, command.wanted.price)
    return next((line for line in cart.lines.values() if (line.offer_id, line.price) == wanted), None)


def _set_quantity(batch: Batch, cart: CartState, line: LineState, quantity: int, network: int | None) -> None:
    offer = batch.offers[line.offer_id]
    others = quantities_of(each for each in cart.lines.values() if each.id != line.id)
    refuse_over_limits(offer, quantity + others.get(offer.id, 0))
    since, until = _clock(batch, cart, line, quantity)
    _hold(batch, cart, line, offer, quantity, until=until, network=network)
    line.quantity = quantity
    batch.put_line(cart, line)
    _start_clock(batch, cart, since, until)


def _clock(batch: Batch, cart: CartState, line: LineState, quantity: int) -> tuple[datetime, datetime]:
    """(held since, held until): who asks for what is held already, or for less, renews nothing."""
    units = batch.offers[line.offer_id].units(line.quantity)
    is_enough = quantity <= line.quantity and batch.reservations.holds(line.id, units, at=batch.moment)
    if is_enough and cart.held_since and cart.expires_at:
        return cart.held_since, cart.expires_at
    return _renewed(cart, batch)


def _hold(
    batch: Batch,
    cart: CartState,
    line: LineState,
    offer: OfferTerms,
    quantity: int,
    *,
    until: datetime,
    network: int | None,
) -> None:
    units = offer.units(quantity)
    others = batch.reservations.units_of(cart.id, without=line.id)
    allowance = CartAllowance(batch.reservations, [offer], batch.moment, wanted=units, held=others)
    try:
        batch.reservations.hold(cart.id, {line.id: units}, until=until, network=network, refuse=allowance.refuse)
    except NotEnough as error:
        lines = {each.id: batch.offers[each.offer_id] for each in (*cart.lines.values(), line)}
        raise sold_out(batch.reservations, lines, {line.id: units}, error.left) from None


def _remove(batch: Batch, cart: CartState, line: LineState) -> None:
    batch.reservations.release([line.id])
    batch.drop_line(cart, line)
    if not batch.reservations.owns(cart.id):
        cart.held_since = cart.expires_at = None
    batch.touch(cart)


def _renewed(cart: CartState, batch: Batch) -> tuple[datetime, datetime]:
    """(held since, held until): adding renews the clock, up to the ceiling; it starts anew once nothing is held."""
    since = cart.held_since if cart.held_since and batch.reservations.owns(cart.id) else batch.moment
    until = min(batch.moment + HOLD, since + HOLD_CEILING)
    if until <= batch.moment:
        raise HeldTooLong
    return since, until


def _start_clock(batch: Batch, cart: CartState, since: datetime, until: datetime) -> None:
    if batch.reservations.owns(cart.id):
        batch.reservations.renew(cart.id, until=until)
        cart.held_since, cart.expires_at = since, until
    batch.touch(cart)
