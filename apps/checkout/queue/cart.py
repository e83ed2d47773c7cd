"""Carts: putting in, changing, taking out. Each change holds the units it asks for, or is refused."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from apps.checkout.queue.batch import HOLD, HOLD_CEILING, MOST_LINES, Batch
from apps.checkout.queue.cart_state import CartState, LineState
from apps.checkout.queue.commands import AddLine, ChangeLine, Command, JoinCarts, own_cart_of
from apps.checkout.queue.hold_limits import CartAllowance
from apps.checkout.queue.joining import join
from apps.checkout.queue.sale_rules import OfferGone, refuse_over_limits, refuse_unsellable, sold_out, unit_price
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import lazy as _
from apps.inventory.holds import NotEnough
from apps.orders.demand import quantities_of
from apps.orders.repositories import OfferTerms


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
    entitlements = batch.entitlements_of(command)
    refuse_unsellable(offer, at=batch.moment, entitlements=entitlements)
    unit_price(offer, cart.currency, named=command.wanted.price, entitlements=entitlements)
    line = _same_line(cart, command) or LineState(uuid7(), offer.id, 0, command.wanted.price)
    if len(cart.lines) >= MOST_LINES and line.id not in cart.lines:
        raise CartFull(limit=MOST_LINES)
    _set_quantity(batch, cart, line, line.quantity + command.wanted.quantity, command.network)
    cart.trimmed = False
    if cart.user_id:
        batch.own_carts[cart.user_id] = cart
    return cart


def change_line(batch: Batch, command: ChangeLine) -> CartState:
    cart = find_cart(batch, command)
    if cart is None:
        raise NotFound
    if cart.placed:
        raise CartPlaced
    line = cart.lines.get(command.line_id)
    if line is None:
        raise NotFound
    if command.quantity:
        entitlements = batch.entitlements_of(command)
        refuse_unsellable(batch.offers[line.offer_id], at=batch.moment, entitlements=entitlements)
        _set_quantity(batch, cart, line, command.quantity, command.network)
    else:
        _remove(batch, cart, line)
    cart.trimmed = False
    return cart


def join_carts(batch: Batch, command: JoinCarts) -> CartState:
    """The cart of who is signed in; the named one is in it. Raises NotFound when there is neither."""
    cart = _cart_of_user(batch, command, command.user_id)
    if cart is None:
        raise NotFound
    return cart


def find_cart(batch: Batch, command: Command) -> CartState | None:
    """The one that is named, unless it is somebody else's; without one the own one of who is signed in."""
    named = batch.carts.get(command.cart_id) if command.cart_id else None
    if named and named.user_id in (None, command.user_id):
        return named
    user_id = own_cart_of(command)
    return batch.own_carts.get(user_id) if user_id else None


def _cart_of_user(batch: Batch, command: AddLine | JoinCarts, user_id: UUID) -> CartState | None:
    """The open one of who is signed in. One that is nobody's, and is named, becomes theirs, or part of it."""
    named, own = find_cart(batch, command), batch.own_carts.get(user_id)
    if named is None or named.placed or named is own:
        return own
    if own is not None:
        join(batch, own, named)
        return own
    named.user_id = user_id
    batch.own_carts[user_id] = named
    batch.touch(named)
    return named


def _open_cart(batch: Batch, command: AddLine) -> CartState:
    """The fan's cart, or a new one when there is none or it was placed."""
    user_id = command.user_id
    cart = _cart_of_user(batch, command, user_id) if user_id else find_cart(batch, command)
    if cart is None or cart.placed:
        cart = CartState(uuid7(), command.currency, command.locale, created_at=batch.moment, user_id=user_id)
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
