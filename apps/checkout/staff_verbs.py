"""What staff do with parcels and mails of an order over the API."""

from contextlib import suppress
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.resend import renew, resend
from apps.checkout.staff_schemas import ParcelsIn, ResendIn
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.shop.models import ShipmentState
from apps.shop.shipping import NothingToMove, move_shipments

ONLY_SHIPPED = _("Only what is shipped has a tracking number.")


async def move_parcels(session: AsyncSession, order_id: UUID, wanted: ParcelsIn, *, actor: str) -> None:
    """What is sent and not packed yet is packed with it. Raises NothingToMove, Invalid."""
    to = ShipmentState(wanted.state)
    if wanted.tracking and to is not ShipmentState.shipped:
        raise Invalid(errors=[FieldError("tracking", ONLY_SHIPPED)])
    if to is ShipmentState.shipped:
        with suppress(NothingToMove):
            await move_shipments(session, order_id, ShipmentState.packed, actor=actor)
    await move_shipments(session, order_id, to, actor=actor, tracking=wanted.tracking)


async def send_again(session: AsyncSession, order_id: UUID, wanted: ResendIn, *, key: UUID, actor: str) -> None:
    """`key` names the mail for ever. Raises NotDelivered, SentTooOften."""
    send = renew if wanted.new_codes else resend
    await send(session, order_id, to=wanted.email, key=key, actor=actor)
