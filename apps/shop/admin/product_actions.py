"""Actions on products in the back office."""

from sqlalchemy.ext.asyncio import AsyncSession
from wtforms import Form

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked, locked_together
from apps.backoffice.forms.values import bind
from apps.core.text.i18n import lazy as _
from apps.inventory.permissions import StockPermission
from apps.shop.admin.common import archiving, deleting, restoring
from apps.shop.admin.price_actions import PRICE_ACTIONS
from apps.shop.admin.product_action_forms import CombinationsForm, CopyForm, DeliveryForm, TitleIn
from apps.shop.models import Product
from apps.shop.permissions import ShopPermission as P
from apps.shop.products.catalogue import archive_product, archive_products, restore_product, restore_products
from apps.shop.products.combinations import CombinationsIn, add_combinations
from apps.shop.products.deleting import delete_product
from apps.shop.products.duplicating import duplicate
from apps.shop.products.publishing import publish_product, publish_products, unpublish_product, unpublish_products
from apps.shop.products.restocking import DeliveryIn, pools_of, receive
from apps.shop.repositories import ProductRepository


async def add_variants(context: ActionContext, product: Product, form: Form) -> None:
    data = bind(form, CombinationsIn)
    locked_product = await ProductRepository(session=context.session).find_locked(product.id)
    await add_combinations(context.session, locked_product, data.options, data, actor=context.actor)


async def take_delivery(context: ActionContext, product: Product, form: Form) -> None:
    await receive(context.session, product, bind(form, DeliveryIn), actor=context.actor)


async def copy(context: ActionContext, product: Product, form: Form) -> Product:
    await context.session.refresh(product, ["images"])
    return await duplicate(context.session, product, bind(form, TitleIn).title, actor=context.actor)


async def prepare(session: AsyncSession, form: Form, product: Product) -> None:
    """Asks for the product's own options, and for each of its pools."""
    if isinstance(form, CombinationsForm):
        form.ask(product.option_names)
    elif isinstance(form, CopyForm) and form.title.typed is None:
        form.title.data = product.title
    elif isinstance(form, DeliveryForm):
        form.ask(product.title, await pools_of(session, product))


ACTIONS = (
    Action(
        name="publish",
        title=_("Publish"),
        question=_("Publish this product? Fans can see and buy it right away."),
        done=_("Published."),
        is_next=True,
        permission=P.PRODUCTS_EDIT,
        run=locked(ProductRepository, publish_product),
        run_together=locked_together(ProductRepository, publish_products),
        applies=lambda product: product.archived_at is None and not product.published,
        needless=_("Already published or archived."),
        many=True,
    ),
    Action(
        name="unpublish",
        title=_("Hide"),
        question=_("Hide this product? Fans no longer see it. Existing orders are still delivered."),
        done=_("Hidden."),
        permission=P.PRODUCTS_EDIT,
        run=locked(ProductRepository, unpublish_product),
        run_together=locked_together(ProductRepository, unpublish_products),
        applies=lambda product: product.archived_at is None and (product.published or product.publish_at),
        needless=_("Already hidden or archived."),
        many=True,
    ),
    Action(
        name="receive",
        title=_("Receive a delivery"),
        question=_("How many were received?"),
        done=_("Stock updated."),
        permission=StockPermission.STOCK_MOVE,
        run=take_delivery,
        applies=lambda product: product.archived_at is None,
        form=DeliveryForm,
    ),
    Action(
        name="combine",
        title=_("Add variants"),
        question=_("Every combination becomes a variant. Existing variants stay as they are."),
        done=_("Variants added."),
        permission=P.PRODUCTS_EDIT,
        run=add_variants,
        applies=lambda product: product.archived_at is None and bool(product.option_names),
        form=CombinationsForm,
    ),
    *PRICE_ACTIONS,
    Action(
        name="duplicate",
        title=_("Duplicate"),
        question=_("What is the copy's title? It is a draft with the same variants, prices and images."),
        done=_("This is the copy, a draft. Its stock starts at zero."),
        permission=P.PRODUCTS_EDIT,
        run=copy,
        form=CopyForm,
    ),
    archiving(
        locked(ProductRepository, archive_product),
        _("Archive this product? It is no longer sold. Existing orders are still delivered."),
        run_together=locked_together(ProductRepository, archive_products),
    ),
    restoring(
        locked(ProductRepository, restore_product), run_together=locked_together(ProductRepository, restore_products)
    ),
    deleting(
        locked(ProductRepository, delete_product),
        _("Delete this product? This cannot be undone. Only a product that nobody has ordered can be deleted."),
    ),
)
