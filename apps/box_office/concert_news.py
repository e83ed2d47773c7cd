"""The mail that tells one order what has changed about a concert it holds tickets of, in its language."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.box_office.ticket_orders import has_tickets, price_of_tickets
from apps.checkout.mails import order_letter
from apps.checkout.order_view import order_by_id, order_view
from apps.concerts.models import Concert, ConcertNews, ConcertNotice
from apps.concerts.scheduling.notices import arrangement_after, arrangement_before, news_told
from apps.core.db.database import Database
from apps.core.jobs import Lane, job
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.translations import title_in
from apps.mail.services import Letter, send

SUBJECTS: dict[ConcertNews, Lazy] = {
    ConcertNews.moved: _("“{title}” has a new date or place (order {number})"),
    ConcertNews.postponed: _("“{title}” is postponed (order {number})"),
    ConcertNews.back: _("“{title}” takes place after all (order {number})"),
    ConcertNews.cancelled: _("“{title}” is cancelled (order {number})"),
}

LEADS: dict[ConcertNews, Lazy] = {
    ConcertNews.moved: _("“{title}” has a new date or place. Your tickets stay valid."),
    ConcertNews.postponed: _(
        "“{title}” is postponed. Your tickets stay valid for the new date, and we write to you once there is one."
    ),
    ConcertNews.back: _("“{title}” takes place after all, as it was planned. Your tickets are valid."),
    ConcertNews.cancelled: _(
        "We are sorry: “{title}” is cancelled. We will refund what you paid for your tickets, and email "
        "you when the money is on its way."
    ),
}
FREE_AND_CALLED_OFF = _("We are sorry: “{title}” is cancelled. Your tickets were free, so there is nothing to refund.")


@job("box_office.mail_concert_news", lane=Lane.mail)
async def mail_concert_news(db: Database, order_id: UUID, notice_id: UUID) -> None:
    """Once for the order and the notice."""
    async with db.begin() as session:
        letter = await _letter(session, order_id, await session.get_one(ConcertNotice, notice_id))
    if letter:
        await send(db, letter)


async def _letter(session: AsyncSession, order_id: UUID, notice: ConcertNotice) -> Letter | None:
    """None for tickets that came back meanwhile, unless it was because of this very news."""
    news = news_told(notice)
    if news is not ConcertNews.cancelled and not await has_tickets(session, order_id, notice.concert_id):
        return None
    concert = await session.get_one(Concert, notice.concert_id)
    connection = await session.connection()
    row = await order_by_id(connection, order_id)
    order, locale = await order_view(connection, row), row.locale
    title = title_in(locale, concert.title, concert.translations)
    lead = (await _lead(session, order_id, notice)).in_locale(locale).format(title=title)
    return order_letter(
        row,
        order,
        key=f"concert-notice:{notice.id}:{order_id}",
        subject=SUBJECTS[news].in_locale(locale).format(title=title, number=order.number),
        template="box_office/mail/concert_news",
        words={
            "news": news,
            "lead": lead,
            "before": arrangement_before(notice),
            "after": arrangement_after(notice),
        },
    )


async def _lead(session: AsyncSession, order_id: UUID, notice: ConcertNotice) -> Lazy:
    news = news_told(notice)
    if news is ConcertNews.cancelled and not await price_of_tickets(session, order_id, notice.concert_id):
        return FREE_AND_CALLED_OFF
    return LEADS[news]
