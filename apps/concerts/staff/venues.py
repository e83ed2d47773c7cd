"""Venues, for staff."""

from litestar import Controller

from apps.accounts.resources.routes import (
    archive_route,
    change_route,
    create_route,
    list_route,
    restore_route,
    show_route,
)
from apps.concerts.resources import VENUE
from apps.concerts.scheduling.venues import VenueExists, VenueInUse
from apps.concerts.staff.common import TAGS


class VenueStaffController(Controller):
    path, tags = VENUE.path, TAGS

    list = list_route(VENUE, "Venues by name.")
    show = show_route(VENUE, "One venue.")
    create = create_route(VENUE, "Add a venue.", VenueExists)
    change = change_route(
        VENUE, "Change a venue. Its concerts stay at their instants, whatever its time zone.", VenueExists
    )
    archive = archive_route(VENUE, "Take a venue out of the lists, once nothing is to come there.", VenueInUse)
    restore = restore_route(VENUE, "Put a venue back into the lists.")
