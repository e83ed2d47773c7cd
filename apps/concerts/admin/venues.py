"""Venues in the back office."""

from functools import partial

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.lists.pages import Sort
from apps.backoffice.resource_view import Belonging, ResourceView, common_actions
from apps.concerts.admin.common import CONCERTS, TO_COME
from apps.concerts.admin.concerts_panel import concerts_panel
from apps.concerts.models import Concert, Venue
from apps.concerts.resources import VENUE
from apps.concerts.staff_schemas import VenueIn
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _
from project.settings import TIME_ZONES

NO_ZONE = _("Choose one, or enter where it is.")


class CoordinatesForm(Form):
    latitude = fields.Decimals(_("Latitude"), empty=None)
    longitude = fields.Decimals(_("Longitude"), empty=None)


class VenueForm(Form):
    name = fields.Input(_("Venue name"), required=True)
    city = fields.Input(_("City"), required=True)
    region = fields.Input(_("Region"))
    country = fields.Input(_("Country"), help=_("Germany or DE. Fans see it in their own language."))
    coordinates = fields.OptionalRow(
        CoordinatesForm, _("Location"), help=_("In degrees, as shown on online maps: 52.5391 and 13.4128.")
    )
    time_zone = fields.Choice(
        _("Time zone"),
        choices=[("", _("By coordinates")), *((zone, zone) for zone in sorted(TIME_ZONES))],
        empty=None,
        help=_(
            "Concerts at this venue are shown in this time zone. If you change it, existing concerts keep "
            "their moment and show a different hour."
        ),
    )


class VenueAdmin(ResourceView, model=Venue):
    declared = VENUE
    name, name_plural, group = _("Venue"), _("Venues"), CONCERTS
    name_of_new = _("New venue")
    column_list = ["name", "city", "country", "time_zone", "to_come"]
    column_details_list = ["city", "region", "country", "latitude", "longitude", "time_zone", "to_come"]
    column_labels = {"latitude": _("Latitude"), "longitude": _("Longitude"), "to_come": _("Upcoming")}
    counted = {"to_come": Belonging(Concert.venue_id, TO_COME, Concert.archived_at.is_(None))}
    affected = {_("Concerts"): Belonging(Concert.venue_id)}
    tables = (partial(concerts_panel, Concert.venue_id, "venue"),)
    sorts = {"name": Sort(Venue.name, str), "city": Sort(Venue.city, str)}
    label_column, searched = "place", ("place",)
    search_help = _("Name or city")
    empty = _("No venues yet. Add the one for your next concert.")
    form = VenueForm
    actions = common_actions(
        VENUE,
        archive=_("Archive this venue? It can no longer be chosen for concerts."),
        delete=_("Delete this venue? This cannot be undone. Only a venue without concerts can be deleted."),
    )

    def checked(self, data: VenueIn) -> VenueIn:
        """Nobody types a concert's time by clocks that they did not choose."""
        if data.time_zone is None and data.coordinates is None:
            raise Invalid(errors=[FieldError("time_zone", NO_ZONE)])
        return data
