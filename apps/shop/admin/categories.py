"""Categories in the back office."""

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.lists.pages import Sort
from apps.backoffice.resource_view import Belonging, ResourceView, common_actions
from apps.core.text.i18n import lazy as _
from apps.shop.admin.common import MERCH
from apps.shop.models import Category, Product
from apps.shop.resources import CATEGORY


class TitleForm(Form):
    title = fields.Input(_("Title"), empty=None)


class CategoryForm(Form):
    title = fields.Input(_("Title"), required=True)
    slug = fields.Slug()
    position = fields.Number(_("Position in lists"), empty=0, help=_("Lists show the lowest first."))
    translations = fields.Translations(TitleForm)


class CategoryAdmin(ResourceView, model=Category):
    declared = CATEGORY
    name, name_plural, group = _("Category"), _("Categories"), MERCH
    name_of_new = _("New category")
    menu_place = 21
    column_list = ["title", "slug", "products", "position"]
    column_details_list = ["slug", "products", "position", "archived_at"]
    column_labels = {"products": _("Products"), "archived_at": _("Archived on")}
    counted = {"products": Belonging(Product.category_id, Product.archived_at.is_(None))}
    affected = {_("Products"): Belonging(Product.category_id)}
    sorts = {"position": Sort(Category.position, int), "title": Sort(Category.title, str)}
    search_help = _("Title or URL")
    empty = _("No categories yet.")
    actions = common_actions(
        CATEGORY,
        archive=_("Archive this category? Its products stay in the shop."),
        delete=_("Delete this category? This cannot be undone. Only a category without products can be deleted."),
    )
    form = CategoryForm
