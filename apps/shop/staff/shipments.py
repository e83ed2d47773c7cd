"""The staff API of an order's shipments."""

from contextlib import suppress
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, requires
from apps.checkout.staff import ORDERS, order_after
from apps.checkout.staff_schemas import OrderStaffOut
from apps.core.errors import FieldError, Invalid, NotFound
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.requests import Session
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Text
from apps.orders.permissions import OrderPermission
from apps.shop.models import ShipmentState
from apps.shop.shipping.shipment_updates import (
    NothingToMove,
    ShipmentsOnHold,
    correct_tracking,
    move_shipments,
)

ONLY_SHIPPED = _("Only what is shipped has a tracking number.")


class TrackingIn(Struct, forbid_unknown_fields=True):
    """The parcel service's number, or an address that begins with https://; empty for none. The customer sees it."""

    tracking: Text


class ShipmentsIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where all parcels of the order are now that may go there; with `shipped` a `tracking` number may come."""

    state: Annotated[Literal["packed", "shipped", "delivered", "picked_up", "returned"], Meta(examples=["packed"])]
    tracking: Text = ""


class ShipmentStaffController(Controller):
    path = ORDERS
    tags = ["Staff: orders"]
    guards = [requires(OrderPermission.ORDERS_SHIP)]

    @post(
        "/{number:str}/parcels",
        status_code=200,
        operation_id="moveStaffOrderParcels",
        responses=problems(NotFound, NothingToMove, ShipmentsOnHold),
    )
    async def move(
        self,
        number: FromPath[str],
        data: JSONBody[ShipmentsIn],
        session: Session,
        current_user: Staff,
        idempotent: IdempotentDep,
    ) -> Response[OrderStaffOut]:
        """Say that the parcels are packed, shipped (the customer is told), delivered, picked up or returned.

        All of the order's that may go there; what is shipped and was not packed yet is packed with it.
        """
        return await idempotent(
            order_after, session, number, partial(move_all_shipments, data=data, actor=current_user.actor)
        )

    @put("/{number:str}/tracking", responses=problems(NotFound, NothingToMove))
    async def correct_tracking(
        self, number: FromPath[str], data: JSONBody[TrackingIn], session: Session, current_user: Staff
    ) -> Response[OrderStaffOut]:
        """Put the number of what is on its way right; no mail is sent."""
        correct = partial(correct_tracking, tracking=data.tracking, actor=current_user.actor)
        return await order_after(session, number, correct)


async def move_all_shipments(session: AsyncSession, order_id: UUID, data: ShipmentsIn, *, actor: str) -> None:
    """What is sent and not packed yet is packed with it. Raises NothingToMove, Invalid."""
    to = ShipmentState(data.state)
    if data.tracking and to is not ShipmentState.shipped:
        raise Invalid(errors=[FieldError("tracking", ONLY_SHIPPED)])
    if to is ShipmentState.shipped:
        with suppress(NothingToMove):
            await move_shipments(session, order_id, ShipmentState.packed, actor=actor)
    await move_shipments(session, order_id, to, actor=actor, tracking=data.tracking)
