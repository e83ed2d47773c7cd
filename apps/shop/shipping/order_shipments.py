"""Shipments in the back office's orders: a column, a filter, a panel and actions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice.actions.action import Action
from apps.backoffice.formats import NOTHING, badge
from apps.backoffice.lists.filters import Choice
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.order_extension import Column, OrderExtension
from apps.orders.models import Order
from apps.shop.models import Shipment, ShipmentState, Variant
from apps.shop.shipping.shipment_actions import SHIPMENT_ACTIONS, TRACKING, CorrectTrackingForm
from apps.shop.shipping.shipment_updates import TO_SHIP, tracking_of

WITHDRAWN = _("{quantity}, withdrawn: {withdrawn}")
SHIPMENT_STATES: Mapping[Any, Lazy] = {
    ShipmentState.unfulfilled: _("To pack"),
    ShipmentState.packed: _("Packed"),
    ShipmentState.shipped: _("Shipped"),
    ShipmentState.delivered: _("Delivered"),
    ShipmentState.returned: _("Returned"),
    ShipmentState.waiting_for_pickup: _("For pick-up"),
    ShipmentState.picked_up: _("Picked up"),
    ShipmentState.cancelled: _("Cancelled"),
}


def with_shipments(*wanted: ShipmentState) -> ColumnElement[bool]:
    return Order.id.in_(select(Shipment.order_id).where(Shipment.state.in_(wanted)))


def free_with_shipments(*wanted: ShipmentState) -> ColumnElement[bool]:
    """And no dispute about their payment holds them back."""
    return and_(with_shipments(*wanted), Order.dispute.is_(None))


def shipments(row: Any, name: str, request: Request) -> Any:
    """The states its parcels are in, each once."""
    states = (
        (state, SHIPMENT_STATES[state].in_locale(locale_of(request)))
        for state in SHIPMENT_STATES
        if state in row.shipments
    )
    badges = (Markup('<span class="badge state-{}">{}</span>').format(*each) for each in states)
    return Markup(" ").join(badges) or NOTHING


def _quantity(shipment: Any, request: Request) -> str:
    """With what is not to be sent, or comes back."""
    if not shipment.withdrawn:
        return str(shipment.quantity)
    told = WITHDRAWN.in_locale(locale_of(request))
    return told.format(quantity=shipment.quantity, withdrawn=shipment.withdrawn)


class OrderShipments(OrderExtension):
    offer, view, parent_name = Variant, "variant", _("Product")
    columns = {"shipments": Column(_("Parcels"), shipments)}
    filters = (
        Choice(
            "shipments",
            _("Parcels"),
            {
                "to-ship": (_("To ship"), free_with_shipments(*TO_SHIP)),
                "to-pack": (_("To pack"), free_with_shipments(ShipmentState.unfulfilled)),
                "packed": (_("Packed"), free_with_shipments(ShipmentState.packed)),
                "held": (
                    _("Held back: disputed"),
                    and_(with_shipments(*TO_SHIP, ShipmentState.waiting_for_pickup), Order.dispute.is_not(None)),
                ),
                "sent": (_("On their way"), with_shipments(ShipmentState.shipped)),
                "waiting": (_("For pick-up"), free_with_shipments(ShipmentState.waiting_for_pickup)),
            },
        ),
    )
    actions = SHIPMENT_ACTIONS
    models = (Shipment,)
    delivered = _("Parcels prepared.")
    sentences = {
        "shop.move_shipment": _("Parcel: {state}. {note}"),
        "shop.correct_tracking": _("Tracking number corrected: {changes}."),
    }
    states = {"shop.move_shipment": SHIPMENT_STATES}

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        """`shipments`: how many by their state."""
        by_id = {row.id: row for row in rows}
        for row in rows:
            row.shipments = {}
        found = select(Shipment.order_id, Shipment.state, func.count()).where(Shipment.order_id.in_(by_id))
        for id, state, count in await session.execute(found.group_by(Shipment.order_id, Shipment.state)):
            by_id[id].shipments[state] = count

    def impact(self, row: Any) -> Iterator[tuple[Lazy, Any]]:
        yield _("Parcels"), sum(row.shipments.values())

    def panels(self, parts: Sequence[Any], request: Request) -> Iterator[Panel]:
        yield Panel(
            title=_("Parcels"),
            columns=[_("What"), _("Quantity"), _("Status"), TRACKING],
            rows=[
                [
                    each.title,
                    _quantity(each, request),
                    badge(SHIPMENT_STATES)(each, "state", request),
                    each.tracking or NOTHING,
                ]
                for each in parts
            ],
            empty=_("Nothing yet."),
        )

    async def prepare_action(self, session: AsyncSession, action: Action, form: Form, row: Order) -> None:
        if isinstance(form, CorrectTrackingForm) and form.tracking.typed is None:
            form.tracking.data = await tracking_of(session, row.id)
