"""Restocks several variants of a product at once."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.archive import refuse_archived
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Text
from apps.inventory.models import MovementReason, Pool
from apps.inventory.services import move
from apps.inventory.staff_schemas import Units
from apps.orders.models import OfferPool
from apps.shop.models import Product, Variant
from apps.shop.products.variant_rules import MOST_VARIANTS

NOTHING_CAME = _("Enter a quantity for at least one variant.")
NOT_ITS_STOCK = _("This product does not use that stock.")


class PiecesOfPoolIn(Struct, forbid_unknown_fields=True):
    """So many for one pool; None or 0 where nothing came."""

    pool: UUID
    units: Units | None = None


class DeliveryIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """What came of a product's variants."""

    pieces: Annotated[list[PiecesOfPoolIn], Meta(max_length=20 * MOST_VARIANTS)]
    note: Text = ""


async def receive(session: AsyncSession, product: Product, data: DeliveryIn, *, actor: str) -> None:
    """Raises InArchive, Invalid."""
    refuse_archived(product)
    known = {pool.id for pool in await pools_of(session, product)}
    errors = [
        FieldError(f"pieces[{n}].pool", NOT_ITS_STOCK) for n, each in enumerate(data.pieces) if each.pool not in known
    ]
    deltas = {each.pool: each.units for each in data.pieces if each.units}
    if not deltas:
        errors.append(FieldError("pieces", NOTHING_CAME))
    if errors:
        raise Invalid(errors=errors)
    connection = await session.connection()
    await move(connection, deltas, reason=MovementReason.received, actor=actor, note=data.note)


async def pools_of(session: AsyncSession, product: Product) -> Sequence[Pool]:
    """What its variants in use take from, in their order."""
    of_product = (
        select(OfferPool.pool_id, Variant.position)
        .join(Variant, Variant.offer_id == OfferPool.offer_id)
        .where(Variant.product_id == product.id, Variant.archived_at.is_(None))
        .distinct(OfferPool.pool_id)
        .order_by(OfferPool.pool_id, Variant.position)
        .subquery()
    )
    found = select(Pool).join(of_product, of_product.c.pool_id == Pool.id)
    return (await session.scalars(found.order_by(of_product.c.position, Pool.id))).all()
