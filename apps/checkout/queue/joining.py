"""Two carts become one: who signs in finds what they chose here and on another device together.

Holds change their owner and touch no pool, so that nobody else can take the units meanwhile. Limits of orders,
customers and networks hold for the one cart, too: what does not fit is let go, and the cart says so.
"""

from datetime import datetime

from apps.checkout.queue.batch import HOLD_CEILING, MOST_LINES, Batch
from apps.checkout.queue.cart_state import CartState, LineState
from apps.checkout.queue.hold_limits import (
    CustomerHoldLimit,
    NetworkAllowance,
    NetworkLimit,
    refuse_over_hold_limit,
)
from apps.checkout.queue.sale_rules import CustomerLimit, TooMany, refuse_over_limits
from apps.inventory.reservations import Units
from apps.orders.demand import quantities_of


def join(batch: Batch, own: CartState, other: CartState) -> None:
    """`own` takes in all lines of `other`, which is gone. The pools of both are locked."""
    for cart in (own, other):
        batch.reservations.release(batch.reservations.run_out(cart.id, at=batch.moment))
    since, until = _one_clock(batch, own, other)
    for line in list(other.lines.values()):
        _move(batch, own, other, line)
    batch.remove(other)
    batch.touch(own)
    is_held = batch.reservations.owns(own.id)
    own.held_since, own.expires_at = (since, until) if is_held else (None, None)
    if until:
        batch.reservations.renew(own.id, until=until)


def _one_clock(batch: Batch, own: CartState, other: CartState) -> tuple[datetime | None, datetime | None]:
    """(held since, held until), as when something is added: the later end, up to the ceiling of the earlier begin."""
    running = [cart for cart in (own, other) if batch.reservations.owns(cart.id)]
    begins = [cart.held_since for cart in running if cart.held_since]
    ends = [cart.expires_at for cart in running if cart.expires_at]
    if not begins or not ends:
        return None, None
    since = min(begins)
    return since, max(min(ends), min(max(ends), since + HOLD_CEILING))


def _move(batch: Batch, own: CartState, other: CartState, line: LineState) -> None:
    """As much of it as fits; to the pieces of the same offer at the same price, if there are any."""
    if own.currency != other.currency:
        line.price = None  # what was named in another currency
    same = _same_line(batch, own, line)
    fits = _fitting(batch, own, line) if same or len(own.lines) < MOST_LINES else 0
    own.trimmed |= fits < line.quantity
    batch.drop_line(other, line)
    if not fits:
        batch.reservations.release([line.id])
        return
    batch.reservations.reduce(line.id, part=line.quantity - fits, of=line.quantity)
    line.quantity = fits
    if same:
        batch.reservations.merge(line.id, same.id, own.id)
        same.quantity += fits
        batch.put_line(own, same)
    else:
        batch.reservations.pass_on(line.id, own.id)
        batch.removed_lines.discard(line.id)
        batch.put_line(own, line)


def _same_line(batch: Batch, own: CartState, line: LineState) -> LineState | None:
    """None, too, where the network for which it would count then has no room: the two stay apart."""
    for each in own.lines.values():
        if (each.offer_id, each.price) == (line.offer_id, line.price):
            growth = batch.reservations.growth_by_merging(line.id, each.id)
            allowance = NetworkAllowance(batch.reservations, [batch.offers[line.offer_id]], batch.moment)
            try:
                allowance.refuse(growth)
            except NetworkLimit:
                continue
            return each
    return None


def _fitting(batch: Batch, own: CartState, line: LineState) -> int:
    """How many pieces of it one order and one customer may have beside what is in the cart."""
    return next((pieces for pieces in range(line.quantity, 0, -1) if _fits(batch, own, line, pieces)), 0)


def _fits(batch: Batch, own: CartState, line: LineState, pieces: int) -> bool:
    offer = batch.offers[line.offer_id]
    others = quantities_of(own.lines.values()).get(offer.id, 0)
    try:
        refuse_over_limits(offer, others + pieces)
        if wanted := _held_by(batch, line, pieces):
            refuse_over_hold_limit([offer], wanted, held=batch.reservations.units_of(own.id))
    except (TooMany, CustomerLimit, CustomerHoldLimit):
        return False
    return True


def _held_by(batch: Batch, line: LineState, pieces: int) -> Units:
    """What of the line's holds is left when it is cut to so many pieces."""
    held = batch.reservations.items.get(line.id)
    gone = line.quantity - pieces
    return {pool: units - units * gone // line.quantity for pool, units in held.units.items()} if held else {}
