"""Updates of shipments: packed, shipped, delivered, picked up, returned; and their tracking numbers."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import assign, record
from apps.core.db.database import now
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.orders.repositories import ORDERS
from apps.shop.events import ShipmentsChanged, ShipmentSent
from apps.shop.models import Shipment, ShipmentState
from apps.shop.withdrawals.repositories import held_back

TO_SHIP = (ShipmentState.unfulfilled, ShipmentState.packed)
"""What is still here."""
GIVEN_AWAY = (ShipmentState.shipped, ShipmentState.picked_up)
LEAVING = (ShipmentState.packed, ShipmentState.shipped, ShipmentState.picked_up)
NO_LINK = _("A link starts with https:// and has no spaces.")
ADDRESS = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?([/?#][!-~]*)?")
"""Of plain letters only: marks that turn the direction of what is read are no part of an address."""


class NothingToMove(AppError):
    status = 409
    type = "nothing-to-move"
    message = _("No parcel of this order can be marked like that. What is to be returned is held back.")


class ShipmentsOnHold(AppError):
    status = 409
    type = "parcels-on-hold"
    message = _("The payment for this order is disputed: its parcels stay here until the bank has decided.")


async def move_shipments(
    session: AsyncSession, order_id: UUID, to: ShipmentState, *, actor: str, tracking: str = ""
) -> None:
    """All parcels of the order that may go there; of one that is sent the customer is told.

    Raises ShipmentsOnHold, NothingToMove, Invalid.
    """
    _refuse_dead_link(tracking)
    if to in GIVEN_AWAY and await _on_hold(session, [order_id]):
        raise ShipmentsOnHold
    if not await move_shipments_of(session, [order_id], to, actor=actor, tracking=tracking):
        raise NothingToMove


async def move_shipments_of(
    session: AsyncSession, order_ids: Collection[UUID], to: ShipmentState, *, actor: str, tracking: str = ""
) -> Collection[UUID]:
    """The same of several orders, in as many statements as of one. Returns those with parcels that could go there.

    What a fan has withdrawn from is not sent before staff have seen to that.
    Those whose payment is disputed give nothing away.
    """
    if to in GIVEN_AWAY:
        order_ids = set(order_ids) - await _on_hold(session, order_ids)
    await _touch(session, order_ids)
    movable = [each for each in await _locked(session, order_ids) if each.may_move(to)]
    if to in LEAVING and movable:
        kept = set(await session.scalars(held_back(order_ids)))
        movable = [each for each in movable if each.order_line_id not in kept]
    if not movable:
        return ()
    moment = await now(session)
    for each in movable:
        before = each.state
        each.move(to)
        each.moved_at = moment
        each.tracking = tracking or each.tracking
        after = {"state": to, "note": tracking} if tracking else {"state": to}
        record(session, "shop.move_shipment", each, actor=actor, before={"state": before}, after=after)
    await session.flush()
    await _publish_changes(session, movable)
    moved = {each.order_id: each.order_line_id for each in reversed(movable)}
    if to is ShipmentState.shipped:
        await publish(session, *(ShipmentSent(order_id, line_id) for order_id, line_id in moved.items()))
    return moved


async def tracking_of(session: AsyncSession, order_id: UUID) -> str:
    """The number of what is on its way."""
    sent = select(Shipment.tracking).where(Shipment.order_id == order_id, Shipment.state == ShipmentState.shipped)
    return (await session.scalars(sent.limit(1))).first() or ""


async def correct_tracking(session: AsyncSession, order_id: UUID, tracking: str, *, actor: str) -> None:
    """Of all that is on its way: another number, or none. Raises NothingToMove, Invalid."""
    _refuse_dead_link(tracking)
    await _touch(session, [order_id])
    sent = [each for each in await _locked(session, [order_id]) if each.state is ShipmentState.shipped]
    if not sent:
        raise NothingToMove
    for each in sent:
        before, after = assign(each, {"tracking": tracking})
        if after:
            record(session, "shop.correct_tracking", each, actor=actor, before=before, after=after)
    await session.flush()
    await _publish_changes(session, sent)


def _refuse_dead_link(tracking: str) -> None:
    """What the customer could not follow, though it looks so."""
    if "://" in tracking and tracking_url(tracking) is None:
        raise Invalid(errors=[FieldError("tracking", NO_LINK)])


def tracking_url(tracking: str) -> str | None:
    """Where the parcel can be followed, if that is what was typed."""
    return tracking if ADDRESS.fullmatch(tracking) else None


async def send_elsewhere(session: AsyncSession, order_id: UUID, address: Mapping[str, Any] | None) -> None:
    """Parcels of the order that are still here go to another address."""
    still_here = update(Shipment).where(Shipment.order_id == order_id, Shipment.state.in_(TO_SHIP))
    await session.execute(still_here.values(address=address).execution_options(synchronize_session=False))


async def _on_hold(session: AsyncSession, order_ids: Collection[UUID]) -> set[UUID]:
    """Those whose payment is disputed; all are locked, so that no dispute comes between."""
    found = select(ORDERS.c.id, ORDERS.c.dispute).where(ORDERS.c.id.in_(order_ids)).order_by(ORDERS.c.id)
    rows = await session.execute(found.with_for_update(key_share=True))
    return {row.id for row in rows if row.dispute is not None}


async def _touch(session: AsyncSession, order_ids: Collection[UUID]) -> None:
    """A change of its parcels is one of the order, which is locked before them."""
    orders = update(ORDERS).where(ORDERS.c.id.in_(order_ids))
    await session.execute(orders.values(updated_at=func.clock_timestamp()))


async def _publish_changes(session: AsyncSession, changed: Sequence[Shipment]) -> None:
    by_order: dict[UUID, list[UUID]] = {}
    for each in changed:
        by_order.setdefault(each.order_id, []).append(each.id)
    await publish(session, *(ShipmentsChanged(order_id, ids) for order_id, ids in by_order.items()))


async def _locked(session: AsyncSession, order_ids: Collection[UUID]) -> list[Shipment]:
    found = select(Shipment).where(Shipment.order_id.in_(order_ids)).order_by(Shipment.id)
    fresh = found.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(await session.scalars(fresh))
