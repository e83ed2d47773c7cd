"""Responses to commands, as they are stored for repeats of the same request."""

import msgspec

from apps.checkout.cart_view import cart_out
from apps.checkout.order_view import placed_out
from apps.checkout.queue.batch import Batch
from apps.checkout.queue.cart_state import CartState
from apps.checkout.queue.commands import AddLine, ChangeLine, JoinCarts
from apps.checkout.queue.new_order import PlacedOrder
from apps.core.http.idempotency import StoredResponse


def cart_answer(batch: Batch, command: AddLine | ChangeLine | JoinCarts, cart: CartState) -> StoredResponse:
    """The cart in the language of who asked."""
    entitlements = batch.entitlements_of(command)
    shown = cart_out(cart, batch.offers, batch.reservations, entitlements, at=batch.moment, locale=command.locale)
    return StoredResponse(201 if isinstance(command, AddLine) else 200, msgspec.json.encode(shown))


def order_answer(placed: PlacedOrder) -> StoredResponse:
    """The order in the language it is placed in."""
    order, lines = placed
    return StoredResponse(201, msgspec.json.encode(placed_out(order, lines, locale=order.locale)))
