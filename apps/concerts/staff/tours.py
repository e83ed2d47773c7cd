"""Tours, for staff."""

from litestar import Controller

from apps.accounts.resources import routes
from apps.concerts.resources import TOUR
from apps.concerts.staff.common import TAGS
from apps.core.text.slugs import SlugTaken


class TourStaffController(Controller):
    path, tags = TOUR.path, TAGS

    list = routes.to_list(TOUR, "Tours, the newest first.")
    show = routes.to_show(TOUR, "One tour.")
    create = routes.to_create(TOUR, "Add a tour.", SlugTaken)
    change = routes.to_change(TOUR, "Change a tour.", SlugTaken)
    archive = routes.to_archive(TOUR, "Take a tour out of the lists; its concerts stay.")
    restore = routes.to_restore(TOUR, "Put a tour back into the lists.")
