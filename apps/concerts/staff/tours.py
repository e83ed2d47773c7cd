"""Tours, for staff."""

from litestar import Controller

from apps.accounts.resources.routes import (
    archive_route,
    change_route,
    create_route,
    list_route,
    restore_route,
    show_route,
)
from apps.concerts.resources import TOUR
from apps.concerts.staff.common import TAGS
from apps.core.text.slugs import SlugTaken


class TourStaffController(Controller):
    path, tags = TOUR.path, TAGS

    list = list_route(TOUR, "Tours, the newest first.")
    show = show_route(TOUR, "One tour.")
    create = create_route(TOUR, "Add a tour.", SlugTaken)
    change = change_route(TOUR, "Change a tour.", SlugTaken)
    archive = archive_route(TOUR, "Take a tour out of the lists; its concerts stay.")
    restore = restore_route(TOUR, "Put a tour back into the lists.")
