"""Placing: a cart, or lines given at once, become an order whose units are held until it is paid or expires."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from apps.checkout.queue.batch import Batch
from apps.checkout.queue.cart import CartPlaced, find_cart
from apps.checkout.queue.cart_state import CartState, LineState
from apps.checkout.queue.commands import PlaceCompOrder, PlaceOrder
from apps.checkout.queue.hold_limits import NetworkAllowance, refuse_over_hold_limit
from apps.checkout.queue.new_order import NewOrder, NewOrderLine, PlacedOrder, new_order, new_order_lines
from apps.checkout.queue.sale_rules import (
    OfferGone,
    price_up,
    refuse_over_limits,
    refuse_unsellable,
    sold_out,
    unit_price,
)
from apps.core.errors import AppError, FieldError, Invalid, NotFound
from apps.core.text.i18n import lazy as _
from apps.inventory.holds import NotEnough
from apps.inventory.reservations import Claims
from apps.orders.demand import demand_of, quantities_of
from apps.orders.events import OrderPaid, OrderPlaced
from apps.orders.models import OrderState
from apps.orders.quote import PricedLine
from apps.orders.repositories import OfferTerms
from project.settings import settings


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


def place_order(batch: Batch, command: PlaceOrder) -> PlacedOrder:
    """The order of a cart that was placed before is answered again. Raises CartPlaced when it is somebody else's."""
    cart = _cart(batch, command)
    if cart is not None and cart.placed:
        return _placed_before(batch, command, cart)
    currency = cart.currency if cart else command.currency
    priced = _agreed(batch, command, _lines(cart, command), currency)
    sums = price_up(priced.values(), ships=command.ships and not isinstance(command, PlaceCompOrder))
    order = new_order(command, sums, cart_id=cart.id if cart else None, currency=currency, at=batch.moment)
    _refuse_surprises(command, order, priced.values())
    _take(batch, command, priced)
    return _write(batch, command, cart, order, new_order_lines(order, priced, sums))


def _cart(batch: Batch, command: PlaceOrder) -> CartState | None:
    """None where the lines are named. Raises NotFound for one that is somebody else's, CartEmpty."""
    cart = find_cart(batch, command)
    if cart is None and command.cart_id:
        raise NotFound
    if cart is None and not command.lines:
        raise CartEmpty
    return cart


def _placed_before(batch: Batch, command: PlaceOrder, cart: CartState) -> PlacedOrder:
    placed = batch.placed_orders[cart.id]
    if placed.order.email != command.email:
        raise CartPlaced
    return placed


def _lines(cart: CartState | None, command: PlaceOrder) -> Sequence[LineState]:
    if cart is None:
        return [LineState(uuid7(), line.offer_id, line.quantity, line.price) for line in command.lines]
    if not cart.lines:
        raise CartEmpty
    return list(cart.lines.values())


def _agreed(batch: Batch, command: PlaceOrder, lines: Sequence[LineState], currency: str) -> dict[UUID, PricedLine]:
    """By the line's id."""
    if isinstance(command, PlaceCompOrder):
        return {line.id: PricedLine(_offer(batch, line), line.quantity, 0) for line in lines}
    entitlements = batch.entitlements_of(command)
    priced = {line.id: _priced(batch, line, currency, entitlements) for line in lines}
    _refuse_over_limits(batch, command.email, lines)
    return priced


def _priced(batch: Batch, line: LineState, currency: str, entitlements: Collection[str]) -> PricedLine:
    offer = _offer(batch, line)
    refuse_unsellable(offer, at=batch.moment, entitlements=entitlements)
    price = unit_price(offer, currency, named=line.price, entitlements=entitlements)
    return PricedLine(offer, line.quantity, price)


def _offer(batch: Batch, line: LineState) -> OfferTerms:
    offer = batch.offers.get(line.offer_id)
    if offer is None:
        raise OfferGone(offer=str(line.offer_id))
    return offer


def _refuse_over_limits(batch: Batch, email: str, lines: Sequence[LineState]) -> None:
    for offer_id, quantity in quantities_of(lines).items():
        refuse_over_limits(batch.offers[offer_id], quantity, bought=batch.bought.get((email, offer_id), 0))


def _refuse_surprises(command: PlaceOrder, order: NewOrder, priced: Iterable[PricedLine]) -> None:
    if command.ships and command.address is None and any(line.offer.needs_shipping for line in priced):
        raise AddressMissing(errors=[FieldError("address", AddressMissing.message)])
    if order.shipping and order.currency != settings.currency:
        raise NotSentThere(currency=settings.currency)
    if command.expected_total not in (None, order.total):
        raise PriceChanged(total=order.total, currency=order.currency)


def _take(batch: Batch, command: PlaceOrder, priced: Mapping[UUID, PricedLine]) -> None:
    """Units the cart holds pass to the order; only what is missing is taken from the pools."""
    offers = {id: line.offer for id, line in priced.items()}
    claims = {id: line.offer.units(line.quantity) for id, line in priced.items()}
    if not isinstance(command, PlaceCompOrder):
        _refuse_over_hold_limit(batch, command, offers.values(), claims)
    allowance = NetworkAllowance(batch.reservations, offers.values(), batch.moment)
    try:
        batch.reservations.hold(command.order_id, claims, until=None, network=command.network, refuse=allowance.refuse)
    except NotEnough as error:
        raise sold_out(batch.reservations, offers, claims, error.left) from None


def _refuse_over_hold_limit(batch: Batch, command: PlaceOrder, offers: Iterable[OfferTerms], claims: Claims) -> None:
    wanted = demand_of(claims.values())
    for customer in command.customers:
        refuse_over_hold_limit(offers, wanted, held=batch.held_by.get(customer, {}))


def _write(
    batch: Batch, command: PlaceOrder, cart: CartState | None, order: NewOrder, lines: list[NewOrderLine]
) -> PlacedOrder:
    batch.orders.append(order)
    batch.order_lines.extend(lines)
    batch.events.append(OrderPlaced(order.id))
    if order.state is OrderState.paid:
        batch.events.append(OrderPaid(order.id))
    placed = PlacedOrder(order, lines)
    if cart is not None:
        cart.placed = True
        batch.placed_orders[cart.id] = placed
        batch.touch(cart)
    _remember(batch, command, order, lines)
    return placed


def _remember(batch: Batch, command: PlaceOrder, order: NewOrder, lines: list[NewOrderLine]) -> None:
    """For what the same customer orders later in this batch."""
    for line in lines:
        key = (command.email, line.offer_id)
        batch.bought[key] = batch.bought.get(key, 0) + line.quantity
    if order.state is OrderState.pending:
        taken = batch.reservations.units_of(order.id)
        for customer in command.customers:
            batch.held_by[customer] = demand_of((batch.held_by.get(customer, {}), taken))
