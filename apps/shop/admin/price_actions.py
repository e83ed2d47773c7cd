"""New prices for products, shown before anything changes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from wtforms import Form

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import IN_ARCHIVE
from apps.backoffice.forms.values import bind
from apps.backoffice.panels import Panel
from apps.core.text.i18n import lazy as _
from apps.orders.admin.prices import price_text
from apps.shop.admin.product_action_forms import NewPricesForm
from apps.shop.models import Product
from apps.shop.permissions import ShopPermission as P
from apps.shop.products.repricing import NewPricesIn, Repriced, end_sale, plan, plan_end, products_on_sale, reprice
from apps.shop.repositories import ProductRepository

COLUMNS = (_("Variant"), _("Current price"), _("New price"))


async def change_prices(context: ActionContext, product: Product, form: Form) -> None:
    await change_many_prices(context, [product], form)


async def change_many_prices(context: ActionContext, products: Sequence[Product], form: Form) -> Collection[UUID]:
    locked = await _locked(context.session, products)
    await reprice(context.session, locked, bind(form, NewPricesIn), actor=context.actor)
    return _ids(products) - _ids(locked)


async def preview_prices(context: ActionContext, products: Sequence[Product], form: Form) -> Sequence[Panel]:
    locked = await _locked(context.session, products)
    return _shown(locked, await plan(context.session, locked, bind(form, NewPricesIn)), context.locale)


async def without_sale(session: AsyncSession, products: Sequence[Product]) -> Collection[UUID]:
    ids = _ids(products)
    return ids.difference(await products_on_sale(session, list(ids)))


async def take_sale_back(context: ActionContext, product: Product, form: None) -> None:
    await take_sales_back(context, [product], form)


async def take_sales_back(context: ActionContext, products: Sequence[Product], form: None) -> Collection[UUID]:
    ended = await end_sale(context.session, await _locked(context.session, products), actor=context.actor)
    return _ids(products) - {each.variant.product_id for each in ended}


async def preview_end(context: ActionContext, products: Sequence[Product], form: None) -> Sequence[Panel]:
    locked = await _locked(context.session, products)
    return _shown(locked, await plan_end(context.session, locked), context.locale)


def _ids(products: Sequence[Product]) -> set[UUID]:
    return {product.id for product in products}


async def _locked(session: AsyncSession, products: Sequence[Product]) -> Sequence[Product]:
    return await ProductRepository(session=session).lock_all(_ids(products))


def _shown(products: Sequence[Product], repriced: Sequence[Repriced], locale: str) -> Sequence[Panel]:
    """One panel for each product."""
    by_product: dict[UUID, list[Repriced]] = {product.id: [] for product in products}
    for each in repriced:
        by_product[each.variant.product_id].append(each)
    return [_panel(product, by_product[product.id], locale) for product in products]


def _panel(product: Product, repriced: Sequence[Repriced], locale: str) -> Panel:
    return Panel(
        title=product.title,
        columns=COLUMNS,
        rows=[
            [
                " / ".join(each.variant.options) or product.title,
                price_text(each.old, each.currency, locale),
                price_text(each.new, each.currency, locale),
            ]
            for each in repriced
        ],
        empty=_("No price would change."),
    )


PRICE_ACTIONS = (
    Action(
        name="reprice",
        title=_("New prices"),
        question=_("All variants get the new price. Existing orders keep their price."),
        done=_("The prices are changed."),
        permission=P.PRODUCTS_EDIT,
        run=change_prices,
        run_together=change_many_prices,
        preview=preview_prices,
        applies=lambda product: product.archived_at is None,
        needless=IN_ARCHIVE,
        form=NewPricesForm,
        many=True,
    ),
    Action(
        name="end-sale",
        title=_("End sale"),
        question=_("End the sale? Current and planned sale prices are removed."),
        done=_("The usual prices apply again."),
        permission=P.PRODUCTS_EDIT,
        run=take_sale_back,
        run_together=take_sales_back,
        preview=preview_end,
        applies=lambda product: product.archived_at is None,
        idle=without_sale,
        needless=_("No current or planned sale, or archived."),
        many=True,
    ),
)
