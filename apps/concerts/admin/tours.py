"""Tours in the back office."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import archive_filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.urls import list_url
from apps.backoffice.views.base import View
from apps.concerts.admin.common import CONCERTS, READ, TO_COME, WRITE, Slug, archiving, deleting, locked, restoring
from apps.concerts.admin.programme import programme
from apps.concerts.models import Concert, Tour
from apps.concerts.repositories import TourRepository
from apps.concerts.scheduling.deleting import delete_tour
from apps.concerts.scheduling.programme import add_tour, change_tour
from apps.concerts.staff_reads import tour_out
from apps.concerts.staff_schemas import TourIn
from apps.core.db.archive import archive, restore
from apps.core.text.i18n import lazy as _


class TourForm(Form):
    title = fields.Input(_("Title"), required=True)
    slug = Slug()
    description = fields.LongText(_("Description"))
    translations = fields.Translations()


class TourAdmin(View, model=Tour):
    name, name_plural, group = _("Tour"), _("Tours"), CONCERTS
    name_of_new = _("New tour")
    permissions = READ | WRITE
    column_list = ["title", "slug", "concerts", "to_come"]
    column_details_list = [*column_list, "description"]
    column_labels = {
        "title": _("Title"),
        "slug": _("Address"),
        "description": _("Description"),
        "concerts": _("Concerts"),
        "to_come": _("To come"),
    }
    sorts = {"slug": Sort(Tour.id, UUID, is_descending=True), "title": Sort(Tour.title, str)}
    filters = (archive_filter(Tour.archived_at),)
    searched, search_help = ("title", "slug"), _("Title or address")
    empty = _("There is no tour yet. Concerts can do without.")
    form, schema = TourForm, TourIn
    repository = TourRepository
    actions = (
        archiving(
            locked(TourRepository, partial(archive, action="concerts.archive_tour")),
            _("Shall this tour go to the archive? Its concerts stay, and are found without it."),
        ),
        restoring(locked(TourRepository, partial(restore, action="concerts.restore_tour"))),
        deleting(
            locked(TourRepository, delete_tour),
            _("Shall this tour be deleted for good? That can be done while it has no concerts."),
        ),
    )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        to_come = func.count().filter(TO_COME, Concert.archived_at.is_(None))
        counted = select(Concert.tour_id, func.count(), to_come).where(Concert.tour_id.in_([row.id for row in rows]))
        found = {tour: numbers for tour, *numbers in await session.execute(counted.group_by(Concert.tour_id))}
        for row in rows:
            row.concerts, row.to_come = found.get(row.id, (0, 0))

    async def panels(self, session: AsyncSession, row: Tour, request: Request) -> Sequence[Panel]:
        more = list_url("concert", tour=str(row.id))
        return [await programme(session, request, Concert.tour_id == row.id, more=more)]

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        await self.complete(session, rows)
        return {row.id: [(_("Concerts"), row.concerts)] for row in rows}

    async def resource(self, session: AsyncSession, row: Tour) -> msgspec.Struct:
        return tour_out(row)

    async def add(self, context: ActionContext, form: Form) -> Tour:
        return await add_tour(context.session, bind(form, TourIn), actor=context.actor)

    async def write(self, context: ActionContext, row: Tour, wanted: TourIn) -> None:
        await change_tour(context.session, row, wanted, actor=context.actor)
