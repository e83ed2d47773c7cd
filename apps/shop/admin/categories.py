"""Categories in the back office."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.actions.usual_actions import locked
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import archive_filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact
from apps.backoffice.views.base import View
from apps.core.db.archive import archive, restore
from apps.core.db.repositories import count_by
from apps.core.text.i18n import lazy as _
from apps.shop.admin.common import MERCH, READ, WRITE, archiving, deleting, restoring
from apps.shop.models import Category, Product
from apps.shop.products.catalogue import add_category, change_category
from apps.shop.products.deleting import delete_category
from apps.shop.repositories import CategoryRepository
from apps.shop.staff_reads import category_out
from apps.shop.staff_schemas import CategoryIn


class TitleForm(Form):
    title = fields.Input(_("Title"), empty=None)


class CategoryForm(Form):
    title = fields.Input(_("Title"), required=True)
    slug = fields.Slug()
    position = fields.Number(_("Place in lists"), empty=0, help=_("Lists show the lowest first."))
    translations = fields.Translations(TitleForm)


class CategoryAdmin(View, model=Category):
    name, name_plural, group = _("Category"), _("Categories"), MERCH
    name_of_new = _("New category")
    menu_place = 21
    permissions = READ | WRITE
    column_list = ["title", "slug", "products", "position"]
    column_details_list = ["slug", "products", "position", "archived_at"]
    column_labels = {
        "title": _("Title"),
        "slug": fields.ADDRESS,
        "products": _("Products"),
        "position": _("Place in lists"),
        "archived_at": _("In the archive since"),
    }
    sorts = {"position": Sort(Category.position, int), "title": Sort(Category.title, str)}
    filters = (archive_filter(Category.archived_at),)
    searched, search_help = ("title", "slug"), _("Title or address")
    empty = _("There is no category yet.")
    actions = (
        archiving(
            locked(CategoryRepository, partial(archive, action="shop.archive_category")),
            _("Shall this go to the archive? Its products stay, and are found without it."),
        ),
        restoring(locked(CategoryRepository, partial(restore, action="shop.restore_category"))),
        deleting(
            locked(CategoryRepository, delete_category),
            _("Shall this category be deleted for good? That can be done while no product belongs to it."),
        ),
    )
    form, schema = CategoryForm, CategoryIn
    repository = CategoryRepository

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        in_use = Product.archived_at.is_(None)
        products = await count_by(session, Product.category_id, [row.id for row in rows], in_use)
        for row in rows:
            row.products = products.get(row.id, 0)

    async def impact(self, session: AsyncSession, rows: Sequence[Category], request: Request) -> Impact:
        products = await count_by(session, Product.category_id, [row.id for row in rows])
        return {row.id: [(_("Products"), products.get(row.id, 0))] for row in rows}

    async def resource(self, session: AsyncSession, row: Category) -> msgspec.Struct:
        return category_out(row)

    async def add(self, context: ActionContext, form: Form) -> Category:
        return await add_category(context.session, bind(form, CategoryIn), actor=context.actor)

    async def write(self, context: ActionContext, row: Category, wanted: CategoryIn) -> None:
        await change_category(context.session, row, wanted, actor=context.actor)
