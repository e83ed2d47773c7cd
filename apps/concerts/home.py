"""Concerts on the first screen of the back office: those that come next, and those whose tickets are to be refunded."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import heading_of
from apps.backoffice.home import Box, Question
from apps.backoffice.lists.listing import cell_of
from apps.backoffice.panels import Panel
from apps.backoffice.urls import list_url, row_url
from apps.concerts.admin import ConcertAdmin
from apps.concerts.admin.common import TO_COME, TO_REFUND
from apps.concerts.admin.concerts import REFUNDS_DUE
from apps.concerts.models import Concert
from apps.core.text.i18n import lazy as _

MOST = 8
VIEW = ConcertAdmin()
COLUMNS = ("title", "starts_at", "venue", "state", "sold")


async def next_concerts(session: AsyncSession, request: Request) -> Panel:
    """As their list shows them: three queries."""
    coming = VIEW.scope().where(TO_COME, Concert.archived_at.is_(None))
    concerts = (await session.scalars(coming.order_by(Concert.starts_at, Concert.id).limit(MOST))).all()
    await VIEW.complete(session, concerts)
    return Panel(
        title=_("Upcoming concerts"),
        columns=[VIEW.column_labels[name] for name in COLUMNS],
        rows=[
            [
                heading_of(row_url("concert", each), each.title, request),
                *(cell_of(VIEW, each, name, request) for name in COLUMNS[1:]),
            ]
            for each in concerts
        ],
        empty=_("No upcoming concerts."),
        more=list_url("concert", when="to-come", sort="starts_at"),
    )


BOXES = (Box(rank=10, view="concert", panel=next_concerts),)
QUESTIONS = (
    Question(
        rank=40,
        title=_("Cancelled concerts with tickets to refund"),
        found=select(Concert.id).where(TO_REFUND),
        view="concert",
        query={"tickets": REFUNDS_DUE},
        besides=("order",),
    ),
)
"""Archived ones, too."""
