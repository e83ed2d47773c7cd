"""What can be done with products besides changing their sheets."""

from sqlalchemy.ext.asyncio import AsyncSession
from wtforms import Form

from apps.backoffice.forms import wanted
from apps.backoffice.usual_verbs import locked
from apps.backoffice.verbs import Verb, Work
from apps.core.i18n import lazy as _
from apps.inventory.permissions import StockPermission
from apps.shop.admin.common import archiving, deleting, restoring
from apps.shop.admin.price_verbs import PRICE_VERBS
from apps.shop.admin.product_verb_forms import CombinationsForm, DeliveryForm
from apps.shop.catalogue import archive_product, restore_product
from apps.shop.combinations import CombinationsIn, add_combinations
from apps.shop.deleting import delete_product
from apps.shop.models import Product
from apps.shop.permissions import ShopPermission as P
from apps.shop.publishing import publish_product, unpublish_product
from apps.shop.repositories import ProductRepository
from apps.shop.restocking import DeliveryIn, pools_of, receive


async def add_variants(work: Work, product: Product, form: Form) -> None:
    told = wanted(form, CombinationsIn)
    locked_product = await ProductRepository(session=work.session).find_locked(product.id)
    await add_combinations(work.session, locked_product, told.options, told, actor=work.actor)


async def take_delivery(work: Work, product: Product, form: Form) -> None:
    await receive(work.session, product, wanted(form, DeliveryIn), actor=work.actor)


async def prepare(session: AsyncSession, form: Form, product: Product) -> None:
    """Asks for the product's own options, and for each of its pools."""
    if isinstance(form, CombinationsForm):
        form.ask(product.option_names)
    elif isinstance(form, DeliveryForm):
        form.ask(product.title, await pools_of(session, product))


VERBS = (
    Verb(
        name="publish",
        title=_("Publish"),
        question=_("Shall fans see this from now on, and be able to buy it?"),
        done=_("It is published."),
        permission=P.PRODUCTS_EDIT,
        run=locked(ProductRepository, publish_product),
        applies=lambda product: product.archived_at is None and not product.published,
        many=True,
    ),
    Verb(
        name="unpublish",
        title=_("Hide"),
        question=_("Shall fans not see this any more? What was ordered is still delivered."),
        done=_("It is hidden."),
        permission=P.PRODUCTS_EDIT,
        run=locked(ProductRepository, unpublish_product),
        applies=lambda product: product.archived_at is None and (product.published or product.publish_at),
        many=True,
    ),
    Verb(
        name="receive",
        title=_("Receive a delivery"),
        question=_("How many pieces have come?"),
        done=_("The stock is changed."),
        permission=StockPermission.STOCK_MOVE,
        run=take_delivery,
        applies=lambda product: product.archived_at is None,
        form=DeliveryForm,
    ),
    Verb(
        name="combine",
        title=_("Add variants"),
        question=_("Every combination becomes a variant; those that are there already stay as they are."),
        done=_("The variants are there."),
        permission=P.PRODUCTS_EDIT,
        run=add_variants,
        applies=lambda product: product.archived_at is None and bool(product.option_names),
        form=CombinationsForm,
    ),
    *PRICE_VERBS,
    archiving(
        locked(ProductRepository, archive_product),
        _("Shall this go to the archive? It is sold no more; what was ordered is still delivered."),
    ),
    restoring(locked(ProductRepository, restore_product)),
    deleting(
        locked(ProductRepository, delete_product),
        _("Shall this product be deleted for good? That can be done while nobody has ordered it."),
    ),
)
