"""Venues, for staff."""

from litestar import Controller

from apps.accounts.resources import routes
from apps.concerts.resources import VENUE
from apps.concerts.scheduling.venues import VenueExists, VenueInUse
from apps.concerts.staff.common import TAGS


class VenueStaffController(Controller):
    path, tags = VENUE.path, TAGS

    list = routes.to_list(VENUE, "Venues by name.")
    show = routes.to_show(VENUE, "One venue.")
    create = routes.to_create(VENUE, "Add a venue.", VenueExists)
    change = routes.to_change(
        VENUE, "Change a venue. Its concerts stay at their instants, whatever its time zone.", VenueExists
    )
    archive = routes.to_archive(VENUE, "Take a venue out of the lists, once nothing is to come there.", VenueInUse)
    restore = routes.to_restore(VENUE, "Put a venue back into the lists.")
