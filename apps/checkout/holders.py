"""Who holds tickets of a concert is told what has changed about it: one mail for each order, in its language."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.called_off import paid_orders
from apps.checkout.events import HolderConcerned
from apps.checkout.show import order_by_id, show_order
from apps.concerts.models import Concert, ConcertNews, ConcertNotice
from apps.concerts.notices import close_notice, known_before, known_since, news_told
from apps.core.db import Database
from apps.core.events import publish
from apps.core.i18n import Lazy
from apps.core.i18n import lazy as _
from apps.core.templates import render
from apps.mail.services import Letter, send
from project.settings import settings

SUBJECTS: dict[ConcertNews, Lazy] = {
    ConcertNews.moved: _("“{title}” has a new date or place (order {number})"),
    ConcertNews.postponed: _("“{title}” is postponed (order {number})"),
    ConcertNews.back: _("“{title}” takes place after all (order {number})"),
    ConcertNews.cancelled: _("“{title}” is called off (order {number})"),
}

LEADS: dict[ConcertNews, Lazy] = {
    ConcertNews.moved: _("“{title}” has a new date or place. Your tickets stay valid."),
    ConcertNews.postponed: _(
        "“{title}” is postponed. Your tickets stay valid for the new date, and we write to you once there is one."
    ),
    ConcertNews.back: _("“{title}” takes place after all, as it was planned. Your tickets are valid."),
    ConcertNews.cancelled: _(
        "We are sorry: “{title}” is called off. What you paid for your tickets goes back to you, and we write to you "
        "when it is on its way."
    ),
}


async def tell_holders(session: AsyncSession, concert: Concert) -> None:
    """Who has a valid ticket is mailed what has changed since holders were last told. The concert is locked.

    All of them in this transaction, so that those whose tickets are taken back right after it hear of it, too.
    """
    notice = await close_notice(session, concert)
    if notice is None:
        return
    orders = await paid_orders(session, concert.id)
    await publish(session, *(HolderConcerned(order, notice.id) for order in orders))


async def mail_holder(db: Database, order_id: UUID, notice_id: UUID) -> None:
    """Once for the order and the notice."""
    async with db.begin() as session:
        letter = await _letter(session, order_id, notice_id)
    await send(db, letter)


async def _letter(session: AsyncSession, order_id: UUID, notice_id: UUID) -> Letter:
    notice = await session.get_one(ConcertNotice, notice_id)
    concert = await session.get_one(Concert, notice.concert_id)
    connection = await session.connection()
    row = await order_by_id(connection, order_id)
    order, locale, news = await show_order(connection, row), row["locale"], news_told(notice)
    title = concert.translations.get(locale, {}).get("title") or concert.title
    lead = LEADS[news].in_locale(locale).format(title=title)
    words = {"order": order, "news": news, "lead": lead, "band": settings.band_name}
    words |= {"was": known_before(notice), "known": known_since(notice)}
    return Letter(
        key=f"concert-notice:{notice_id}:{order_id}",
        owner_id=order_id,
        to=order.email,
        subject=SUBJECTS[news].in_locale(locale).format(title=title, number=order.number),
        text=render("checkout/mail/concert_news.txt", locale, words),
        html=render("checkout/mail/concert_news.html", locale, words),
    )
