"""Comp orders: free of charge, for guest lists and prizes. They take from the same pools as every other order."""

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.queue.checkout_queue import execute
from apps.checkout.queue.commands import PlaceCompOrder, WantedLine
from apps.checkout.staff_schemas import CompOrderIn
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.http.idempotency import request_key
from apps.core.text.i18n import lazy as _
from apps.core.text.postal_rules import refuse_wrong_customer
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.models import Offer, Order
from project.settings import settings


class CannotBeGiven(AppError):
    status = 409
    type = "not-to-be-given"
    message = _("“{title}” is archived, or its concert is cancelled.")


async def place_comp_order(session: AsyncSession, data: CompOrderIn, *, actor: str) -> Order:
    """Paid and delivered at once; sale windows and limits do not bind the band.

    Raises Invalid, CannotBeGiven, SoldOut.
    """
    refuse_wrong_customer(data.name, msgspec.to_builtins(data.address))
    await _refuse_gone(session, {line.offer for line in data.lines})
    command = _command(data)
    (answer,) = await execute(await session.connection(), [command])
    if isinstance(answer, AppError):
        raise answer
    order = await session.get_one(Order, command.order_id)
    record(session, "orders.add_comp_order", order, actor=actor, after={"reason": data.reason})
    await session.flush()
    return order


async def _refuse_gone(session: AsyncSession, offers: Collection[UUID]) -> None:
    is_gone = or_(Offer.archived_at.is_not(None), *(Offer.id.in_(kind.not_to_give()) for kind in fulfilments()))
    gone = select(Offer.title).where(Offer.id.in_(offers), is_gone)
    if title := await session.scalar(gone.limit(1)):
        raise CannotBeGiven(title=title)


def _command(data: CompOrderIn) -> PlaceCompOrder:
    return PlaceCompOrder(
        key=request_key(caller="", method="", path="", key=None, body=b""),
        cart_id=None,
        lines=tuple(WantedLine(line.offer, line.quantity, None) for line in data.lines),
        email=data.email.lower(),
        name=data.name.strip(),
        ships=data.address is not None,
        address=msgspec.to_builtins(data.address),
        currency=settings.currency,
        locale=data.locale,
        expected_total=None,
        network=None,
    )
