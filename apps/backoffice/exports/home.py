"""One's own exports on the first screen, while they are being made or can be downloaded."""

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.exports.models import ListExport
from apps.backoffice.exports.repositories import newest_of
from apps.backoffice.exports.words import STATES
from apps.backoffice.formats import clock
from apps.backoffice.home import Box
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, locale_of
from apps.backoffice.urls import EXPORTS_URL
from apps.backoffice.views.registry import views_of
from apps.core.jobs.long_jobs import LongJobState
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

MOST = 3


async def own_exports(session: AsyncSession, request: Request) -> Panel | None:
    rows = await newest_of(session, current_user_of(request).id)
    shown = [row for row in rows if row.is_open or row.state is LongJobState.ready][:MOST]
    if not shown:
        return None
    return Panel(
        title=_("Your exports"),
        columns=[_("List"), _("Status"), _("Requested")],
        rows=[[_list(row, request), _state(row, request), _asked(row, request)] for row in shown],
        empty=_("No exports yet. Lists with many rows are prepared here."),
        more=EXPORTS_URL,
    )


def _list(row: ListExport, request: Request) -> Lazy | str:
    view = views_of(request).visible_to(request).get(row.view)
    return view.name_plural if view else row.view


def _state(row: ListExport, request: Request) -> Markup:
    text = STATES[row.state].in_locale(locale_of(request))
    badge = Markup('<a href="{}"><span class="badge state-{}">{}</span></a>').format(EXPORTS_URL, row.state, text)
    if row.state is not LongJobState.running:
        return badge
    return badge + Markup(' <progress value="{0}" max="{1}">{0}/{1}</progress>').format(row.done, row.total)


def _asked(row: ListExport, request: Request) -> Markup:
    return clock(row.created_at, settings.time_zone, locale_of(request))


BOXES = (Box(rank=30, view=None, panel=own_exports),)
