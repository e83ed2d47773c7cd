"""Variants in the back office: each with all that can be said of it. Lists are on the pages of their products."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from starlette.requests import Request

from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.formats import link_to
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import row_url
from apps.backoffice.views.base import View
from apps.core.db.bulk import among, found_by
from apps.core.text.i18n import lazy as _
from apps.orders.admin.pool_names import pool_names
from apps.orders.admin.prices import PRICES_IN_WORDS, prices_text
from apps.orders.admin_fields import MEMBERS, MEMBERS_HELP, Allocation, Prices
from apps.orders.repositories import ORDER_LINES
from apps.shop.admin.common import MERCH, READ, archiving, restoring
from apps.shop.admin.product_form import OPTIONS, OptionsForm
from apps.shop.admin.product_panels import stock_panels
from apps.shop.admin.product_search import has_code, with_text
from apps.shop.models import Variant
from apps.shop.permissions import ShopPermission as P
from apps.shop.products.variants import archive_variant, change_variant, lock_variant, restore_variant
from apps.shop.repositories import VARIANTS
from apps.shop.staff_reads import variant_out
from apps.shop.staff_schemas import VariantIn

TAXES = [("standard", _("Standard")), ("exempt", _("None"))]


class FullVariantForm(OptionsForm):
    prices = Prices(spare=1)
    allocation = Allocation(help=_("Leave empty if stock is not tracked."))
    sku = fields.Input(_("SKU"))
    barcode = fields.Input(_("Barcode"))
    grams = fields.Number(_("Weight in grams"), empty=0)
    position = fields.Number(_("Position"), empty=0)
    max_per_order = fields.Number(_("Max. per order"), default=10)
    max_per_customer = fields.Number(_("Max. per customer"), empty=None)
    sale_from = fields.DateTime(_("On sale from"))
    sale_until = fields.DateTime(_("On sale until"))
    entitlement = fields.Input(MEMBERS["entitlement"], empty=None, help=MEMBERS_HELP)
    members_only = fields.Switch(MEMBERS["members_only"])
    early_from = fields.DateTime(MEMBERS["early_from"])
    needs_shipping = fields.Switch(_("Requires shipping"))
    tax_class = fields.Choice(_("Tax"), choices=TAXES)


async def to_archive(context: ActionContext, row: Variant, form: None) -> None:
    await archive_variant(context.session, *await lock_variant(context.session, row.id), actor=context.actor)


async def from_archive(context: ActionContext, row: Variant, form: None) -> None:
    await restore_variant(context.session, *await lock_variant(context.session, row.id), actor=context.actor)


class VariantAdmin(View, model=Variant):
    name, name_plural, group, in_menu = _("Variant"), _("Variants"), MERCH, False
    permissions = READ | {Access.EDIT: P.PRODUCTS_EDIT}
    column_list = ["title", "sku", "product"]
    column_details_list = [
        *("product", "prices", "sku", "barcode", "grams", "position", "max_per_order", "max_per_customer"),
        *("sale_from", "sale_until", *MEMBERS, "needs_shipping", "archived_at"),
    ]
    column_labels = {
        "title": _("Title"),
        "product": _("Product"),
        "prices": _("Prices"),
        "sku": _("SKU"),
        "barcode": _("Barcode"),
        "grams": _("Weight in grams"),
        "position": _("Position"),
        "max_per_order": _("Max. per order"),
        "max_per_customer": _("Max. per customer"),
        "sale_from": _("On sale from"),
        "sale_until": _("On sale until"),
        **MEMBERS,
        "needs_shipping": _("Requires shipping"),
        "archived_at": _("Archived on"),
    }
    column_formatters = {
        "product": link_to("product", "title"),
        "prices": lambda row, name, request: prices_text(row, locale_of(request)),
    }
    sorts = {"title": Sort(Variant.title, str)}
    search_help = _("Title, vendor, tag or SKU")
    actions = (
        archiving(to_archive, _("Archive this variant? It is no longer sold. Existing orders are still delivered.")),
        restoring(from_archive),
    )
    form, schema, follows = FullVariantForm, VariantIn, ("title", "active", "translations")
    recorded = PRICES_IN_WORDS
    references = {"allocation": "pool"}

    def scope(self) -> Select[Any]:
        loaded = (joinedload(Variant.product), selectinload(Variant.prices), selectinload(Variant.allocation))
        return select(Variant).options(*loaded)

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        matching = select(VARIANTS.c.offer_id).where(or_(VARIANTS.c.product_id.in_(with_text(words)), has_code(words)))
        return found.where(found_by(Variant.id, matching))

    async def panels(self, session: AsyncSession, row: Variant, request: Request) -> Sequence[Panel]:
        return await stock_panels(session, [row], request)

    async def impact(self, session: AsyncSession, rows: Sequence[Variant], request: Request) -> Impact:
        offer, orders = ORDER_LINES.c.offer_id, func.count(ORDER_LINES.c.order_id.distinct())
        counted = select(offer, orders).where(among(offer, [row.id for row in rows])).group_by(offer)
        found = dict((await session.execute(counted)).tuples().all())
        return {row.id: [(_("Orders"), found.get(row.id, 0))] for row in rows}

    async def resource(self, session: AsyncSession, row: Variant) -> msgspec.Struct:
        return variant_out(row)

    async def initial(self, session: AsyncSession, row: Variant) -> dict[str, Any]:
        return {**msgspec.to_builtins(variant_out(row)), **dict(zip(OPTIONS, row.options, strict=False))}

    async def prepare(self, session: AsyncSession, form: Any, row: Variant | None) -> None:
        if row is not None:
            form.ask(row.product.option_names)

    async def lock(self, session: AsyncSession, row: Variant) -> Variant:
        product, variant = await lock_variant(session, row.id)
        variant.product = product
        return variant

    async def parts_of(self, session: AsyncSession, row: Variant) -> Mapping[UUID, str]:
        return await pool_names(session, [row.id])

    async def home_of(self, session: AsyncSession, row: Variant) -> str:
        return row_url("product", row.product)

    async def write(self, context: ActionContext, row: Variant, data: VariantIn) -> None:
        await change_variant(context.session, row.product, row, data, actor=context.actor)
