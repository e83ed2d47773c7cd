"""Concerts in the back office: list, page and form."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload
from starlette.requests import Request
from wtforms import Form

from apps.accounts.current_user import CurrentUser
from apps.accounts.guards import NotAllowed
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import NOTHING, badge, in_zone_of, link_of, link_to
from apps.backoffice.forms.values import bind
from apps.backoffice.history.values import Telling
from apps.backoffice.history.values import states as told_states
from apps.backoffice.lists.filters import Choice, Days, Related, archive_filter, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import id_of
from apps.backoffice.resource_view import ResourceView
from apps.backoffice.urls import row_url
from apps.concerts.admin.capacity_bar import capacity_bar
from apps.concerts.admin.common import CONCERTS, OVER, TO_COME, TO_REFUND
from apps.concerts.admin.concert_actions import ACTIONS
from apps.concerts.admin.concert_form import SPARE, SPARE_FIRST, ConcertForm, set_zone
from apps.concerts.admin.concerts_panel import STATES
from apps.concerts.admin.sales_panels import panels_of
from apps.concerts.models import Concert, ConcertState, TicketType, Venue
from apps.concerts.permissions import ConcertPermission as P
from apps.concerts.resources import CONCERT
from apps.concerts.scheduling.concert_label import CONCERT_LABEL, concert_label
from apps.concerts.scheduling.with_ticket_types import add_with_ticket_types, change_with_ticket_types
from apps.concerts.scheduling.with_ticket_types_schemas import ConcertWithTicketTypesIn
from apps.concerts.staff_reads import concert_with_ticket_types_out
from apps.concerts.ticket_types.concert_pools import concert_pools_of, count
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from apps.orders.admin.pool_names import pool_names
from apps.orders.held_units import held_units

REFUNDS_DUE = "to-refund"


def place(row: Concert, name: str, request: Request) -> Markup:
    return link_of(row_url("venue", row.venue), row.venue.place, request)


def own_page(row: Concert, name: str, request: Request) -> str:
    if row.state is ConcertState.draft or row.archived_at:
        return row.slug
    return Markup('<a href="/concerts/{0}">/concerts/{0}</a>').format(row.slug)


def sold(row: Any, name: str, request: Request) -> Any:
    return capacity_bar(row.sold, request) if row.sold.capacity else NOTHING


def elsewhere(row: Concert, name: str, request: Request) -> str:
    link = Markup('<a href="{0}" rel="noopener nofollow noreferrer">{0}</a>')
    return Markup("<br>").join(link.format(each["url"]) for each in row.tickets_elsewhere) or NOTHING


class ConcertAdmin(ResourceView, model=Concert):
    declared = CONCERT
    name, name_plural, group = _("Concert"), _("Concerts"), CONCERTS
    name_of_new = _("New concert")
    permissions = {Access.EXPORT: P.CONCERTS_EXPORT}
    column_list = ["title", "starts_at", "venue", "state", "sold"]
    column_details_list = ["state", "starts_at", "venue", "on_sale_at", "tour", "lineup", "sold", "elsewhere", "slug"]
    column_export_list = ["title", "starts_at", "venue", "tour", "state", "sold", "slug"]
    column_labels = {
        "state": _("Status"),
        "sold": _("Sold"),
        "elsewhere": _("Tickets elsewhere"),
    }
    column_formatters = {
        "starts_at": in_zone_of("venue.time_zone"),
        "on_sale_at": in_zone_of("venue.time_zone"),
        "venue": place,
        "tour": link_to("tour", "title"),
        "state": badge(STATES),
        "sold": sold,
        "elsewhere": elsewhere,
        "slug": own_page,
    }
    sorts = {
        "starts_at": Sort(Concert.starts_at, datetime, is_descending=True),
        "title": Sort(Concert.title, str),
        "state": Sort(Concert.state, str),
    }
    filters = (
        Choice(
            "when",
            _("When"),
            {
                "to-come": (_("Upcoming"), TO_COME),
                "over": (_("Past"), OVER),
            },
        ),
        states("state", _("Status"), Concert.state, STATES),
        Choice("tickets", _("Tickets"), {REFUNDS_DUE: (_("To refund"), TO_REFUND)}),
        Related("tour", _("Tour"), "tour", lambda id: Concert.tour_id == id),
        Related("venue", _("Venue"), "venue", lambda id: Concert.venue_id == id),
        Days("begins", _("Starts"), Concert.starts_at),
        archive_filter(Concert.archived_at),
    )
    search_help = _("Title, venue, city or day")
    empty = _("No concerts yet.")
    actions = ACTIONS
    form = ConcertForm
    told_to_others = ("starts_at", "venue_id")
    recorded: ClassVar[Mapping[str, Telling]] = {"state": told_states(STATES)}
    references = {"tour": "tour", "tour_id": "tour", "venue": "venue", "venue_id": "venue"}

    def scope(self) -> Select[Any]:
        venue = contains_eager(Concert.venue)
        return select(Concert).join(Concert.venue).options(venue, joinedload(Concert.tour))

    def scope_of_list(self, found: Select[Any], filters: Mapping[str, str]) -> Select[Any]:
        """Money that is promised is not overlooked in the archive."""
        return found if filters.get("tickets") == REFUNDS_DUE else super().scope_of_list(found, filters)

    def label(self, row: Concert) -> str:
        return f"{row.title} · {concert_label(row.starts_at, row.venue)}"

    def heading(self, row: Concert) -> str:
        return row.title

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(contain(words, Concert.title + " · " + CONCERT_LABEL))

    def zone_of(self, row: Concert) -> str:
        return row.venue.time_zone

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        pools = await concert_pools_of(session, [row.id for row in rows])
        held = await held_units(session, {pool for each in pools.values() for pool in each.pools})
        for row in rows:
            row.pools, row.sold = pools[row.id], count(pools[row.id].outer, held)

    async def panels(self, session: AsyncSession, row: Concert, request: Request) -> Sequence[Panel]:
        return await panels_of(session, row, request)

    async def resource(self, session: AsyncSession, row: Concert) -> msgspec.Struct:
        return await concert_with_ticket_types_out(session, row)

    async def prepare(self, session: AsyncSession, form: Any, row: Concert | None) -> None:
        form.ticket_types.spare = SPARE if form.ticket_types.entries else SPARE_FIRST
        await self._set_zone(session, form, kept=row)

    def withhold(self, form: Any, current_user: CurrentUser) -> None:
        if not current_user.may_all([P.CONCERTS_ARCHIVE]):
            form.ticket_types.leave_out("archived")

    async def prepare_action(self, session: AsyncSession, action: Action, form: Any, row: Concert) -> None:
        set_zone(form, row.venue.time_zone)
        if action.name == "reschedule" and form.starts_at.typed is None:
            form.starts_at.data = row.starts_at.isoformat()

    async def add(self, context: ActionContext, form: Form) -> Concert:
        await self._set_zone(context.session, form, kept=None)
        return await add_with_ticket_types(context.session, bind(form, ConcertWithTicketTypesIn), actor=context.actor)

    async def change(self, context: ActionContext, row: Concert, form: Form) -> None:
        await self._set_zone(context.session, form, kept=row)
        data = bind(form, ConcertWithTicketTypesIn)
        if any(each.archived for each in data.ticket_types) and not context.current_user.may_all([P.CONCERTS_ARCHIVE]):
            raise NotAllowed
        await change_with_ticket_types(context.session, row, data, actor=context.actor)

    async def parts_of(self, session: AsyncSession, row: Any) -> Mapping[UUID, str]:
        types = select(TicketType.id, TicketType.name).where(TicketType.concert_id == row.id)
        names = dict((await session.execute(types)).tuples().all())
        return {**names, **await pool_names(session, names.keys())}

    async def _set_zone(self, session: AsyncSession, form: Any, *, kept: Concert | None) -> None:
        """Of the venue that is chosen; once more when its name has been looked up."""
        id = id_of(str(form.venue.data)) or (kept and kept.venue_id)
        venue = await session.get(Venue, id) if id else None
        if venue:
            form.ticket_types.zone = venue.time_zone
            set_zone(form, venue.time_zone)
