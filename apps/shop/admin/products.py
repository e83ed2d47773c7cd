"""Products in the back office: list, page, and the form with all variants."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy import ColumnElement, Select, and_, select, true, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload
from starlette.requests import Request
from wtforms import Form

from apps.accounts.current_user import CurrentUser
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import badge, link_to, plainly
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice, Days, Related, archive_filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.resource_view import ResourceView
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _
from apps.inventory.levels import FEW
from apps.inventory.models import Pool
from apps.media.permissions import MediaPermission
from apps.orders.admin.pool_names import pool_names
from apps.orders.models import OfferPool
from apps.shop.admin.common import MERCH
from apps.shop.admin.pictures import keep_uploads, pictures_of
from apps.shop.admin.product_actions import ACTIONS, prepare
from apps.shop.admin.product_figures import (
    BY_LEFT,
    BY_PRICE,
    BY_STATE,
    STATES,
    add_figures,
    own_page,
    price_span,
    title_with_picture,
)
from apps.shop.admin.product_form import MOST_OPTIONS, NewProductForm, ProductForm, values_of
from apps.shop.admin.product_panels import impact_of, panels_of
from apps.shop.admin.product_search import has_code, with_text
from apps.shop.models import Product, Variant
from apps.shop.permissions import ShopPermission as P
from apps.shop.products.combinations import NewProductIn, add_product_with_variants
from apps.shop.products.with_variants import ProductWithVariantsIn, change_with_variants, refuse_archiving
from apps.shop.repositories import VARIANTS
from apps.shop.resources import PRODUCT
from apps.shop.staff_reads import product_with_variants_out


def has_variant(condition: Any) -> ColumnElement[bool]:
    """One in use that takes from a pool like that."""
    found = select(Variant.product_id).join(OfferPool, OfferPool.offer_id == Variant.offer_id)
    found = found.join(Pool, Pool.id == OfferPool.pool_id).where(Variant.archived_at.is_(None), condition)
    return Product.id.in_(found)


class ProductAdmin(ResourceView, model=Product):
    declared = PRODUCT
    name, name_plural, group = _("Product"), _("Products"), MERCH
    name_of_new = _("New product")
    menu_place = 20
    permissions = {Access.EXPORT: P.PRODUCTS_EXPORT}
    column_list = ["title", "category", "price", "left", "state", "id"]
    column_details_list = [
        *("state", "publish_at", "price", "left", "category", "vendor", "tags", "option_names", "slug", "created_at"),
    ]
    column_export_list = ["title", "slug", "category", "vendor", "tags", "price", "left", "state", "created_at"]
    column_labels = {
        "option_names": _("Options"),
        "price": _("Price"),
        "left": _("Available"),
        "state": _("Status"),
        "created_at": _("Added"),
        "id": _("Added"),
    }
    column_formatters = {
        "title": title_with_picture,
        "category": link_to("category", "title"),
        "price": price_span,
        "state": badge(STATES),
        "slug": own_page,
        "id": lambda row, name, request: plainly(row, "created_at", request),
    }
    sorts = {
        "id": Sort(Product.id, UUID, is_descending=True),  # rows sort by their making
        "title": Sort(Product.title, str),
        "price": BY_PRICE,
        "left": BY_LEFT,
        "state": BY_STATE,
    }
    filters = (
        Choice(
            "state",
            _("Status"),
            {
                "published": (STATES["published"], Product.published.is_(true())),
                "planned": (STATES["planned"], and_(~Product.published, Product.publish_at.is_not(None))),
                "draft": (STATES["draft"], and_(~Product.published, Product.publish_at.is_(None))),
            },
        ),
        Choice(
            "stock",
            _("Available"),
            {
                "few": (_("10 or fewer of a variant"), has_variant(Pool.left <= FEW)),
                "none": (_("Sold out in a variant"), has_variant(Pool.left == 0)),
            },
            is_counted=False,
        ),
        Related("category", _("Category"), "category", lambda id: Product.category_id == id),
        Days("added", _("Added"), Product.created_at),
        archive_filter(Product.archived_at),
    )
    search_help = _("Title, vendor, tag or SKU")
    empty = _("No products yet. Add the first one.")
    actions = ACTIONS
    form, form_create = ProductForm, NewProductForm
    references = {"category": "category", "category_id": "category"}
    details_template = "shop/admin/product.html"

    def scope(self) -> Select[Any]:
        return select(Product).options(joinedload(Product.category))

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(Product.id.in_(union(with_text(words), select(Variant.product_id).where(has_code(words)))))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        await add_figures(session, rows)

    async def panels(self, session: AsyncSession, row: Product, request: Request) -> Sequence[Panel]:
        return await panels_of(session, row, request)

    async def more(self, session: AsyncSession, row: Product, request: Request) -> Mapping[str, Any]:
        return {"pictures": await pictures_of(session, row)}

    async def impact(self, session: AsyncSession, rows: Sequence[Product], request: Request) -> Impact:
        return await impact_of(session, [row.id for row in rows])

    async def resource(self, session: AsyncSession, row: Product) -> msgspec.Struct:
        await session.refresh(row, ["images"])
        return await product_with_variants_out(session, row)

    async def initial(self, session: AsyncSession, row: Product) -> Mapping[str, Any]:
        await session.refresh(row, ["images"])
        return values_of(await product_with_variants_out(session, row))

    async def prepare(self, session: AsyncSession, form: Any, row: Product | None) -> None:
        if row is None:
            form.options.spare = max(0, MOST_OPTIONS - len(form.options.entries))
        else:
            form.variants.ask(row.option_names)

    async def prepare_action(self, session: AsyncSession, action: Action, form: Form, row: Product) -> None:
        await prepare(session, form, row)

    def withhold(self, form: Any, current_user: CurrentUser) -> None:
        if not current_user.may_all([MediaPermission.MEDIA_UPLOAD]):
            del form.uploads
        if isinstance(form, ProductForm) and not current_user.may_all([P.PRODUCTS_ARCHIVE]):
            form.variants.leave_out("archived")

    async def keep_files(self, db: Database, form: Any, current_user: CurrentUser) -> None:
        await keep_uploads(db, form, current_user)

    async def add(self, context: ActionContext, form: Form) -> Product:
        return await add_product_with_variants(context.session, bind(form, NewProductIn), actor=context.actor)

    async def change(self, context: ActionContext, row: Product, form: Form) -> None:
        data = bind(form, ProductWithVariantsIn)
        refuse_archiving(data.variants, context.current_user)
        await change_with_variants(context.session, row, data, actor=context.actor)

    async def parts_of(self, session: AsyncSession, row: Product) -> Mapping[UUID, str]:
        found = select(VARIANTS.c.offer_id, VARIANTS.c.options).where(VARIANTS.c.product_id == row.id)
        names = {id: " / ".join(options) or row.title for id, options in await session.execute(found)}
        return {**names, **await pool_names(session, names.keys())}
