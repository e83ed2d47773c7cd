"""New prices for products, shown before anything changes."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from wtforms import Form

from apps.backoffice.forms import wanted
from apps.backoffice.panels import Panel
from apps.backoffice.usual_verbs import IN_ARCHIVE
from apps.backoffice.verbs import Verb, Work
from apps.core.i18n import lazy as _
from apps.orders.admin.prices import price_text
from apps.shop.admin.product_verb_forms import NewPricesForm
from apps.shop.models import Product
from apps.shop.permissions import ShopPermission as P
from apps.shop.repositories import ProductRepository
from apps.shop.repricing import NewPricesIn, Repriced, end_sale, plan, plan_end, reprice

COLUMNS = (_("Variant"), _("Price now"), _("New price"))


async def change_prices(work: Work, product: Product, form: Form) -> None:
    await reprice(work.session, await _locked(work.session, product), wanted(form, NewPricesIn), actor=work.actor)


async def preview_prices(work: Work, product: Product, form: Form) -> Panel:
    locked = await _locked(work.session, product)
    return _shown(product, await plan(work.session, locked, wanted(form, NewPricesIn)), work.locale)


async def take_sale_back(work: Work, product: Product, form: None) -> None:
    await end_sale(work.session, await _locked(work.session, product), actor=work.actor)


async def preview_end(work: Work, product: Product, form: None) -> Panel:
    return _shown(product, await plan_end(work.session, await _locked(work.session, product)), work.locale)


async def _locked(session: AsyncSession, product: Product) -> Product:
    return await ProductRepository(session=session).find_locked(product.id)


def _shown(product: Product, repriced: Sequence[Repriced], locale: str) -> Panel:
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


PRICE_VERBS = (
    Verb(
        name="reprice",
        title=_("New prices"),
        question=_("All variants get the new price; orders keep the one that they were placed with."),
        done=_("The prices are changed."),
        permission=P.PRODUCTS_EDIT,
        run=change_prices,
        preview=preview_prices,
        applies=lambda product: product.archived_at is None,
        needless=IN_ARCHIVE,
        form=NewPricesForm,
        many=True,
    ),
    Verb(
        name="end-sale",
        title=_("End the sale"),
        question=_("End the sale? Sale prices of now and those planned for later are removed."),
        done=_("The usual prices apply again."),
        permission=P.PRODUCTS_EDIT,
        run=take_sale_back,
        preview=preview_end,
        applies=lambda product: product.archived_at is None,
        needless=IN_ARCHIVE,
        many=True,
    ),
)
