"""Concerts as a small table, on the pages of their tour and their venue."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload
from starlette.requests import Request

from apps.backoffice.formats import badge, clock, link_of
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import list_url, row_url
from apps.concerts.models import Concert, ConcertState
from apps.core.text.i18n import lazy as _

SHOWN = 10
STATES = {
    ConcertState.draft: _("Draft"),
    ConcertState.announced: _("Announced"),
    ConcertState.on_sale: _("On sale"),
    ConcertState.postponed: _("Postponed"),
    ConcertState.cancelled: _("Cancelled"),
}


async def concerts_panel(
    owner: InstrumentedAttribute[Any], list_filter: str, session: AsyncSession, row: Any, request: Request
) -> Panel:
    """The latest of those that name the row as their `owner`; the list of all has it as `list_filter`."""
    found = select(Concert).where(owner == row.id, Concert.archived_at.is_(None)).options(joinedload(Concert.venue))
    concerts = (await session.scalars(found.order_by(Concert.starts_at.desc(), Concert.id.desc()).limit(SHOWN))).all()
    return Panel(
        title=_("Concerts"),
        columns=[_("Title"), _("Starts"), _("Venue"), _("Status")],
        rows=[_cells(each, request) for each in concerts],
        empty=_("No concerts."),
        more=list_url("concert", **{list_filter: str(row.id)}) if concerts else "",
    )


def _cells(concert: Concert, request: Request) -> list[object]:
    link = link_of(row_url("concert", concert), concert.title, request)
    begins = clock(concert.starts_at, concert.venue.time_zone, locale_of(request))
    return [link, begins, concert.venue.place, badge(STATES)(concert, "state", request)]
