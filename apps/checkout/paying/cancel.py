"""Orders that are not paid: they run out, or are cancelled. The provider's page is closed first, without any lock."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import SYSTEM, record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.events import publish
from apps.core.text.i18n import lazy as _
from apps.inventory.release import release_owner
from apps.orders.events import OrderEnded
from apps.orders.models import Order, OrderState
from apps.orders.repositories import OrderRepository
from apps.orders.states import WrongOrderState
from apps.payments import services as payments
from apps.payments.repositories import PaymentRepository


class NotPending(WrongOrderState):
    type = "order-not-pending"
    message = _("This order is {state}: it can no longer be changed.")


class PaidAlready(NotPending):
    message = _("This order is {state}: it can be refunded instead.")


class BeingPaid(AppError):
    status = 409
    type = "order-being-paid"
    message = _("A payment for this order is under way. Please try again in a moment.")


async def expire(db: Database, order_id: UUID) -> None:
    """Let an overdue order go; one that was paid at the last moment stays."""
    async with db.begin() as session:
        if not await _overdue(session, await OrderRepository(session=session).get(order_id)):
            return
    await payments.close(db, order_id)
    async with db.begin() as session:
        order = await OrderRepository(session=session).lock(order_id)
        if await _overdue(session, order) and not await _is_being_paid(session, order):
            await _end(session, order, OrderState.expired, actor=SYSTEM)


async def cancel(db: Database, order_id: UUID, *, actor: str) -> None:
    """Cancel a pending order; a second time changes nothing. Raises NotFound, NotPending, BeingPaid."""
    await stop_payment(db, order_id)
    async with db.begin() as session:
        await cancel_stopped(session, order_id, actor=actor)


async def stop_payment(db: Database, order_id: UUID) -> None:
    """Nobody can pay at the provider any more: the first half of `cancel`. Raises NotFound, NotPending."""
    async with db.begin() as session:
        order = await OrderRepository(session=session).find(order_id)
    _refuse_unless_pending(order)
    await payments.close(db, order_id)


async def cancel_stopped(session: AsyncSession, order_id: UUID, *, actor: str) -> None:
    """The second half. Raises NotPending, BeingPaid."""
    order = await OrderRepository(session=session).lock(order_id)
    _refuse_unless_pending(order)
    if await _is_being_paid(session, order):
        raise BeingPaid
    await _end(session, order, OrderState.cancelled, actor=actor)


def _refuse_unless_pending(order: Order) -> None:
    if order.state is OrderState.paid:
        raise PaidAlready(state=order.state)
    if order.state not in (OrderState.pending, OrderState.cancelled):
        raise NotPending(state=order.state)


async def _overdue(session: AsyncSession, order: Order) -> bool:
    return order.state is OrderState.pending and order.pay_until <= await now(session)


async def _is_being_paid(session: AsyncSession, order: Order) -> bool:
    """A page was opened meanwhile, or money came that is not settled yet."""
    repository = PaymentRepository(session=session)
    return await repository.lock_active(order.id) is not None or await repository.has_money(order.id)


async def _end(session: AsyncSession, order: Order, state: OrderState, *, actor: str) -> None:
    before = order.state
    if not order.move(state):
        return
    await session.flush()
    await release_owner(await session.connection(), order.id)
    record(session, f"orders.{state}", order, actor=actor, before={"state": before}, after={"state": state})
    await publish(session, OrderEnded(order.id, state))
