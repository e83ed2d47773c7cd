"""Tours in the back office."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.resource_view import Belonging, ResourceView, common_actions
from apps.backoffice.urls import list_url
from apps.concerts.admin.common import CONCERTS, TO_COME, Slug
from apps.concerts.admin.concerts_panel import concerts_panel
from apps.concerts.models import Concert, Tour
from apps.concerts.resources import TOUR
from apps.core.text.i18n import lazy as _


class TourForm(Form):
    title = fields.Input(_("Title"), required=True)
    slug = Slug()
    description = fields.LongText(_("Description"))
    translations = fields.Translations()


class TourAdmin(ResourceView, model=Tour):
    declared = TOUR
    name, name_plural, group = _("Tour"), _("Tours"), CONCERTS
    name_of_new = _("New tour")
    column_list = ["title", "slug", "concerts", "to_come"]
    column_details_list = [*column_list, "description"]
    column_labels = {"concerts": _("Concerts"), "to_come": _("Upcoming")}
    affected = {_("Concerts"): Belonging(Concert.tour_id)}
    sorts = {"slug": Sort(Tour.id, UUID, is_descending=True), "title": Sort(Tour.title, str)}
    search_help = _("Title or URL")
    empty = _("No tours yet. Concerts do not need one.")
    form = TourForm
    actions = common_actions(
        TOUR,
        archive=_("Archive this tour? Its concerts stay."),
        delete=_("Delete this tour? This cannot be undone. Only a tour without concerts can be deleted."),
    )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        to_come = func.count().filter(TO_COME, Concert.archived_at.is_(None))
        counted = select(Concert.tour_id, func.count(), to_come).where(Concert.tour_id.in_([row.id for row in rows]))
        found = {tour: numbers for tour, *numbers in await session.execute(counted.group_by(Concert.tour_id))}
        for row in rows:
            row.concerts, row.to_come = found.get(row.id, (0, 0))

    async def panels(self, session: AsyncSession, row: Tour, request: Request) -> Sequence[Panel]:
        more = list_url("concert", tour=str(row.id))
        return [await concerts_panel(session, request, Concert.tour_id == row.id, more=more)]
