"""Concerts on the front page, and their link in the head of every page."""

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.listing.listing import ConcertQuery, When, list_concerts
from apps.core.text.i18n import lazy as _
from apps.site.concerts.repositories import ticket_prices
from apps.site.sections import Found, Link, Section
from project.settings import settings

MOST, MOST_PAST = 60, 6


async def to_come(reads: AsyncConnection, locale: str) -> Found:
    concerts = await list_concerts(reads, ConcertQuery(), locale=locale, limit=MOST)
    prices = await ticket_prices(reads, [each.id for each in concerts.items], currency=settings.currency)
    return {"concerts": concerts, "prices": prices}


async def past(reads: AsyncConnection, locale: str) -> Found | None:
    concerts = await list_concerts(reads, ConcertQuery(when=When.past), locale=locale, limit=MOST_PAST)
    return {"concerts": concerts} if concerts.items else None


LINKS = (Link(10, "/concerts", _("Concerts")),)
SECTIONS = (
    Section(rank=10, template="site/concerts/_to_come.html", find=to_come),
    Section(rank=30, template="site/concerts/_past.html", find=past),
)
