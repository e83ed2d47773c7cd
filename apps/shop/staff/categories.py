"""Categories, for staff."""

from litestar import Controller

from apps.accounts.resources import routes
from apps.core.text.slugs import SlugTaken
from apps.shop.resources import CATEGORY
from apps.shop.staff.common import TAGS


class CategoryStaffController(Controller):
    path, tags = CATEGORY.path, TAGS

    list = routes.to_list(CATEGORY, "Categories, in their order.")
    show = routes.to_show(CATEGORY, "One category.")
    create = routes.to_create(CATEGORY, "Add a category.", SlugTaken)
    change = routes.to_change(CATEGORY, "Change a category.", SlugTaken)
    archive = routes.to_archive(CATEGORY, "Take a category out of the lists; its products stay.")
    restore = routes.to_restore(CATEGORY, "Put a category back into the lists.")
