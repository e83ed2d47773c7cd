"""Notices to ticket holders when a concert changes: one mail for each order."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.box_office.concert_news import mail_concert_news
from apps.box_office.ticket_orders import concerned_orders, missed_notices, was_ordered
from apps.concerts.models import Concert, ConcertNews
from apps.concerts.scheduling.notices import close_notice, news_told
from apps.core.jobs import enqueue


async def send_notice(session: AsyncSession, concert: Concert) -> None:
    """Who has a valid ticket is mailed what has changed since holders were last told. The concert is locked.

    All of them in this transaction, so that those whose tickets are taken back right after it hear of it, too.
    """
    notice = await close_notice(session, concert)
    if notice is None:
        return
    await session.flush()  # orders are found by what it tells
    orders = await concerned_orders(session, notice.id)
    await enqueue(session, *(mail_concert_news.call(order_id=order, notice_id=notice.id) for order in orders))
    is_called_off = news_told(notice) is ConcertNews.cancelled  # somebody may still stand in line for tickets
    if not is_called_off and not await was_ordered(session, concert.id):
        await session.delete(notice)


async def send_missed_notices(session: AsyncSession, order_id: UUID) -> None:
    """Who paid after holders were told, and ordered before. A repeat sends nothing twice."""
    missed = await missed_notices(session, order_id)
    await enqueue(session, *(mail_concert_news.call(order_id=order_id, notice_id=notice) for notice in missed))
