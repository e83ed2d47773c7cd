"""Resends the delivery mail of an order, to its customer or to another address."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.jobs import mail_again
from apps.core.audit import record
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.models import Order, OrderResend
from apps.orders.repositories import OrderRepository, OrderResendRepository
from apps.orders.states import WrongOrderState

MOST = 5
WITHIN = timedelta(hours=1)


class NotDelivered(WrongOrderState):
    type = "order-not-delivered"
    message = _("This order is {state}: there is nothing to send again.")


class SentTooOften(AppError):
    status = 429
    type = "sent-too-often"
    message = _("This order was emailed {limit} times in the last hour. Please wait a while.")

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(int(WITHIN.total_seconds()))}


async def resend(session: AsyncSession, order_id: UUID, *, to: str | None, key: UUID, actor: str) -> None:
    """`key` names this mail for ever. Raises NotDelivered, SentTooOften."""
    order = await OrderRepository(session=session).lock(order_id)
    if order.delivered_at is None:
        raise NotDelivered(state=order.state)
    await _refuse_too_often(session, order)
    recipient = to.lower() if to else order.email
    session.add(OrderResend(order_id=order.id, recipient=recipient))
    record(session, "orders.resend", order, actor=actor, after={"to": recipient})
    await enqueue(session, mail_again.call(order_id=order.id, to=recipient, key=key))
    await session.flush()


async def renew(session: AsyncSession, order_id: UUID, *, to: str | None, key: UUID, actor: str) -> None:
    """The same with new codes and a new link, when the old ones are in the wrong hands."""
    order = await OrderRepository(session=session).lock(order_id)
    for kind in fulfilments():
        await kind.renew_codes(session, order.id)
    order.nonce = secrets.token_bytes(8)
    record(session, "orders.renew_codes", order, actor=actor)
    await resend(session, order.id, to=to, key=key, actor=actor)


async def _refuse_too_often(session: AsyncSession, order: Order) -> None:
    """Under the order's lock, so that two at once are counted one after the other."""
    if await OrderResendRepository(session=session).lately(order.id, within=WITHIN) >= MOST:
        raise SentTooOften(limit=MOST)
