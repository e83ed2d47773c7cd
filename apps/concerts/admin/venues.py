"""Venues in the back office."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Select
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
from apps.concerts.admin.common import CONCERTS, READ, TO_COME, WRITE, archiving, deleting, locked, restoring
from apps.concerts.admin.programme import programme
from apps.concerts.models import Concert, Venue
from apps.concerts.repositories import VenueRepository
from apps.concerts.scheduling.deleting import delete_venue
from apps.concerts.scheduling.venues import add_venue, archive_venue, change_venue
from apps.concerts.staff_reads import venue_out
from apps.concerts.staff_schemas import VenueIn
from apps.core.db.archive import restore
from apps.core.db.repositories import count_by
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from project.settings import TIME_ZONES

NO_ZONE = _("Choose one, or say where it is.")
ZONES: list[tuple[str, Lazy | str]] = [
    ("", _("By its degrees")),
    *((zone, zone) for zone in sorted(TIME_ZONES)),
]


class CoordinatesForm(Form):
    latitude = fields.Decimals(_("Latitude"), empty=None)
    longitude = fields.Decimals(_("Longitude"), empty=None)


class VenueForm(Form):
    name = fields.Input(_("Its name"), required=True)
    city = fields.Input(_("City"), required=True)
    region = fields.Input(_("Region"))
    country = fields.Input(_("Country"), help=_("Germany, or DE. Fans read it in their own language."))
    coordinates = fields.OptionalRow(
        CoordinatesForm, _("Where it is"), help=_("In degrees, as maps on the web tell them: 52.5391 and 13.4128.")
    )
    time_zone = fields.Choice(
        _("Time zone"),
        choices=ZONES,
        empty=None,
        help=_(
            "Concerts here begin by the clocks of this zone. If you change it, those that are there keep their moment, "
            "and so show another hour."
        ),
    )


class VenueAdmin(View, model=Venue):
    name, name_plural, group = _("Venue"), _("Venues"), CONCERTS
    name_of_new = _("New venue")
    permissions = READ | WRITE
    column_list = ["name", "city", "country", "time_zone", "to_come"]
    column_details_list = ["city", "region", "country", "latitude", "longitude", "time_zone", "to_come"]
    column_labels = {
        "name": _("Its name"),
        "city": _("City"),
        "region": _("Region"),
        "country": _("Country"),
        "latitude": _("Latitude"),
        "longitude": _("Longitude"),
        "time_zone": _("Time zone"),
        "to_come": _("To come"),
    }
    sorts = {"name": Sort(Venue.name, str), "city": Sort(Venue.city, str)}
    filters = (archive_filter(Venue.archived_at),)
    search_help = _("Name or city")
    empty = _("There is no venue yet. Add the one that the next concert is at.")
    form, schema = VenueForm, VenueIn
    repository = VenueRepository
    actions = (
        archiving(
            locked(VenueRepository, archive_venue),
            _("Shall this venue go to the archive? It can be chosen for no more concerts."),
        ),
        restoring(locked(VenueRepository, partial(restore, action="concerts.restore_venue"))),
        deleting(
            locked(VenueRepository, delete_venue),
            _("Shall this venue be deleted for good? That can be done while there were no concerts."),
        ),
    )

    def label(self, row: Venue) -> str:
        return f"{row.name}, {row.city}"

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(contain(words, Venue.name + ", " + Venue.city))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        coming = (TO_COME, Concert.archived_at.is_(None))
        to_come = await count_by(session, Concert.venue_id, [row.id for row in rows], *coming)
        for row in rows:
            row.to_come = to_come.get(row.id, 0)

    async def panels(self, session: AsyncSession, row: Venue, request: Request) -> Sequence[Panel]:
        more = list_url("concert", venue=str(row.id))
        return [await programme(session, request, Concert.venue_id == row.id, more=more)]

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        concerts = await count_by(session, Concert.venue_id, [row.id for row in rows])
        return {row.id: [(_("Concerts"), concerts.get(row.id, 0))] for row in rows}

    async def resource(self, session: AsyncSession, row: Venue) -> msgspec.Struct:
        return venue_out(row)

    async def add(self, context: ActionContext, form: Form) -> Venue:
        return await add_venue(context.session, _in_a_zone(bind(form, VenueIn)), actor=context.actor)

    async def write(self, context: ActionContext, row: Venue, wanted: VenueIn) -> None:
        await change_venue(context.session, row, _in_a_zone(wanted), actor=context.actor)


def _in_a_zone(venue: VenueIn) -> VenueIn:
    """Nobody types a concert's time by clocks that they did not choose."""
    if venue.time_zone is None and venue.coordinates is None:
        raise Invalid(errors=[FieldError("time_zone", NO_ZONE)])
    return venue
