"""Categories, for staff."""

from litestar import Controller

from apps.accounts.resources.routes import (
    archive_route,
    change_route,
    create_route,
    list_route,
    restore_route,
    show_route,
)
from apps.core.text.slugs import SlugTaken
from apps.shop.resources import CATEGORY
from apps.shop.staff.common import TAGS


class CategoryStaffController(Controller):
    path, tags = CATEGORY.path, TAGS

    list = list_route(CATEGORY, "Categories, in their order.")
    show = show_route(CATEGORY, "One category.")
    create = create_route(CATEGORY, "Add a category.", SlugTaken)
    change = change_route(CATEGORY, "Change a category.", SlugTaken)
    archive = archive_route(CATEGORY, "Take a category out of the lists; its products stay.")
    restore = restore_route(CATEGORY, "Put a category back into the lists.")
