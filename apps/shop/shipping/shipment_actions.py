"""Actions on the shipments of an order: packed, shipped, delivered, picked up, returned."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from msgspec import Struct
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext, Run, RunTogether
from apps.backoffice.forms.values import bind
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Text
from apps.orders.models import Order
from apps.orders.permissions import OrderPermission
from apps.shop.models import ShipmentState
from apps.shop.shipping.shipment_updates import correct_tracking, move_shipments, move_shipments_of

ONE_TRACKING_NUMBER = _("Each parcel has a number of its own: send one order at a time.")
TRACKING = _("Tracking number")


class TrackingForm(Form):
    tracking = fields.Input(TRACKING, help=_("Or a link that starts with https://. The customer sees it."))


class CorrectTrackingForm(TrackingForm):
    """Begins with what stands there."""


class TrackingIn(Struct):
    tracking: Text = ""


def move_to(state: ShipmentState) -> Run:
    async def run(context: ActionContext, order: Order, form: None) -> None:
        await move_shipments(context.session, order.id, state, actor=context.actor)

    return run


def move_all_to(state: ShipmentState) -> RunTogether:
    async def run(context: ActionContext, orders: Sequence[Order], form: None) -> Collection[UUID]:
        ids = {order.id for order in orders}
        return ids.difference(await move_shipments_of(context.session, ids, state, actor=context.actor))

    return run


async def send_all_off(context: ActionContext, orders: Sequence[Order], form: Form) -> Collection[UUID]:
    _refuse_one_number(context, form)
    ids = {order.id for order in orders}
    await move_shipments_of(context.session, ids, ShipmentState.packed, actor=context.actor)
    return ids.difference(await move_shipments_of(context.session, ids, ShipmentState.shipped, actor=context.actor))


async def send_off(context: ActionContext, order: Any, form: Form) -> None:
    """What is not packed yet is packed with it."""
    tracking = bind(form, TrackingIn).tracking
    move = partial(move_shipments, context.session, order.id, actor=context.actor)
    if ShipmentState.unfulfilled in order.shipments:
        await move(ShipmentState.packed)
    await move(ShipmentState.shipped, tracking=tracking)


def _refuse_one_number(context: ActionContext, form: Form) -> None:
    if bind(form, TrackingIn).tracking and context.rows > 1:
        raise Invalid(errors=[FieldError("tracking", ONE_TRACKING_NUMBER)])


async def put_tracking_right(context: ActionContext, order: Order, form: Form) -> None:
    await correct_tracking(context.session, order.id, bind(form, TrackingIn).tracking, actor=context.actor)


def is_free_with(order: Any, *states: ShipmentState) -> bool:
    """And no dispute about its payment holds them back."""
    return order.dispute is None and has_shipments(order, *states)


def has_shipments(order: Any, *states: ShipmentState) -> bool:
    return not order.shipments.keys().isdisjoint(states)


SHIPMENT_ACTIONS = (
    Action(
        name="pack",
        title=_("Mark as packed"),
        question=_("Mark as packed? Make sure that everything is in the parcel."),
        done=_("Marked as packed."),
        is_next=True,
        permission=OrderPermission.ORDERS_SHIP,
        run=move_to(ShipmentState.packed),
        run_together=move_all_to(ShipmentState.packed),
        applies=lambda order: is_free_with(order, ShipmentState.unfulfilled),
        needless=_("Nothing left to pack, or held back by a dispute."),
        many=True,
    ),
    Action(
        name="send",
        title=_("Mark as shipped"),
        question=_("Mark as shipped? The customer gets an email that the parcel is on its way."),
        done=_("Marked as shipped."),
        is_next=True,
        permission=OrderPermission.ORDERS_SHIP,
        run=send_off,
        run_together=send_all_off,
        applies=lambda order: is_free_with(order, ShipmentState.unfulfilled, ShipmentState.packed),
        needless=_("Nothing left to ship, or held back by a dispute."),
        form=TrackingForm,
        many=True,
    ),
    Action(
        name="tracking",
        title=TRACKING,
        question=_("What is the correct number? The customer sees it on the order page and gets no other email."),
        done=_("The number is corrected."),
        permission=OrderPermission.ORDERS_SHIP,
        run=put_tracking_right,
        applies=lambda order: has_shipments(order, ShipmentState.shipped),
        form=CorrectTrackingForm,
    ),
    Action(
        name="arrive",
        title=_("Mark as delivered"),
        question=_("Mark as delivered? The customer has received the parcel."),
        done=_("Marked as delivered."),
        permission=OrderPermission.ORDERS_SHIP,
        run=move_to(ShipmentState.delivered),
        run_together=move_all_to(ShipmentState.delivered),
        applies=lambda order: has_shipments(order, ShipmentState.shipped),
        needless=_("No parcel is on its way."),
        many=True,
    ),
    Action(
        name="hand-over",
        title=_("Mark as picked up"),
        question=_("Mark as picked up? The customer has received it at the merch table."),
        done=_("Marked as picked up."),
        is_next=True,
        permission=OrderPermission.ORDERS_SHIP,
        run=move_to(ShipmentState.picked_up),
        run_together=move_all_to(ShipmentState.picked_up),
        applies=lambda order: is_free_with(order, ShipmentState.waiting_for_pickup),
        needless=_("Nothing is waiting for pick-up, or a dispute holds it back."),
        many=True,
    ),
    Action(
        name="return",
        title=_("Mark as returned"),
        question=_("Mark as returned? The stock does not change: add what can be sold again yourself."),
        done=_("Marked as returned."),
        permission=OrderPermission.ORDERS_SHIP,
        run=move_to(ShipmentState.returned),
        applies=lambda order: has_shipments(
            order, ShipmentState.shipped, ShipmentState.delivered, ShipmentState.picked_up
        ),
    ),
)
