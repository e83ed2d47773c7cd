"""Orders that hold tickets of a concert, for when it moves or is cancelled."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, ConcertNews, ConcertState
from apps.concerts.repositories import NOTICES, TICKET_TYPES
from apps.orders.models import OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS

PIECES_LEFT = ORDER_LINES.c.quantity - ORDER_LINES.c.refunded_quantity
TICKET_LINES = ORDERS.join(ORDER_LINES, ORDER_LINES.c.order_id == ORDERS.c.id).join(
    TICKET_TYPES, TICKET_TYPES.c.offer_id == ORDER_LINES.c.offer_id
)
IS_NEW_TO_ORDER = or_(NOTICES.c.changed_at > ORDERS.c.created_at, NOTICES.c.news == ConcertNews.cancelled)
"""Who ordered after the last change of a notice has seen what is new; what is cancelled nobody orders knowingly."""
CONCERNED = TICKET_LINES.join(NOTICES, and_(NOTICES.c.concert_id == TICKET_TYPES.c.concert_id, IS_NEW_TO_ORDER))
HAS_TICKETS = and_(ORDERS.c.state == OrderState.paid, PIECES_LEFT > 0)


async def pending_orders(session: AsyncSession, concert_id: UUID) -> list[UUID]:
    """Those that hold tickets of the concert and wait for their payment."""
    found = ticket_lines(concert_id, ORDERS.c.id).where(ORDERS.c.state == OrderState.pending)
    return list(await session.scalars(found.distinct()))


async def paid_orders(session: AsyncSession, concert_id: UUID) -> list[UUID]:
    """Those whose tickets of the concert are valid, or are about to be made."""
    return list(await session.scalars(lines_left(concert_id, ORDERS.c.id).distinct()))


async def concerned_orders(session: AsyncSession, notice_id: UUID) -> list[UUID]:
    """Of the paid ones, those that were placed before what the notice tells."""
    found = select(ORDERS.c.id).select_from(CONCERNED).where(NOTICES.c.id == notice_id, HAS_TICKETS)
    return list(await session.scalars(found.distinct()))


async def missed_notices(session: AsyncSession, order_id: UUID) -> list[UUID]:
    """The last one of each concert of a paid order that was told since the order was placed."""
    found = select(NOTICES.c.id).select_from(CONCERNED).distinct(NOTICES.c.concert_id)
    told = found.where(ORDERS.c.id == order_id, HAS_TICKETS, NOTICES.c.told_at.is_not(None))
    return list(await session.scalars(told.order_by(NOTICES.c.concert_id, NOTICES.c.told_at.desc())))


async def was_ordered(session: AsyncSession, concert_id: UUID) -> bool:
    """Whether there is any order of its tickets, also one that may still be paid."""
    return bool(await session.scalar(select(ticket_lines(concert_id, ORDERS.c.id).exists())))


async def has_tickets(session: AsyncSession, order_id: UUID, concert_id: UUID) -> bool:
    mine = lines_left(concert_id, ORDERS.c.id).where(ORDERS.c.id == order_id)
    return bool(await session.scalar(select(mine.exists())))


async def price_of_tickets(session: AsyncSession, order_id: UUID, concert_id: UUID) -> int:
    """What the order's tickets of the concert cost, refunded or not."""
    price = ticket_lines(concert_id, func.sum(ORDER_LINES.c.total)).where(ORDERS.c.id == order_id)
    return await session.scalar(price) or 0


def lines_left(concert_id: UUID, *columns: Any) -> Select[Any]:
    """Lines of paid orders, of which not all tickets came back."""
    return ticket_lines(concert_id, *columns).where(HAS_TICKETS)


def ticket_lines(concert_id: UUID, *columns: Any) -> Select[Any]:
    return select(*columns).select_from(TICKET_LINES).where(TICKET_TYPES.c.concert_id == concert_id)


async def called_off_concerts(session: AsyncSession, order_id: UUID) -> list[UUID]:
    """Those that the order has tickets of and that will not take place."""
    found = TICKET_LINES.join(Concert, Concert.id == TICKET_TYPES.c.concert_id)
    mine = select(Concert.id).select_from(found).where(ORDERS.c.id == order_id)
    return list(await session.scalars(mine.where(Concert.state == ConcertState.cancelled).distinct()))
