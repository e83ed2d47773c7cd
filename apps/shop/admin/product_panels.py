"""Panels of a product: its variants with their stock, the stock movements, the orders."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from starlette.requests import Request

from apps.backoffice.formats import NOTHING, clock, link_of
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.requests import current_user_of, locale_of
from apps.backoffice.urls import PATH, list_url, row_url
from apps.core.db.bulk import among
from apps.core.text.i18n import lazy as _
from apps.inventory.admin.movements import movements_panel
from apps.inventory.levels import Level
from apps.inventory.models import Pool
from apps.orders.admin.prices import prices_text
from apps.orders.held_units import levels_of
from apps.orders.permissions import OrderPermission
from apps.orders.repositories import ALLOCATIONS, ORDER_LINES, ORDERS
from apps.shop.models import Product, Variant
from apps.shop.repositories import IMAGES, VARIANTS
from project.settings import settings

LATEST = 10
ARCHIVED = _("Archived")
VARIANT_COLUMNS = (_("Variant"), _("SKU"), _("Price"), _("Total stock"), _("Reserved"), _("Sold"), _("Available"))
NUMBERS = ("capacity", "held", "sold")
ORDER_COLUMNS = (_("Number"), _("Ordered"), _("Name"), _("Quantity"))
UNCOUNTED = _("Not tracked")


async def panels_of(session: AsyncSession, product: Product, request: Request) -> list[Panel]:
    variants = await _variants(session, product)
    stock = await stock_panels(session, variants, request)
    return [*stock, *await _orders_panel(session, product, variants, request)]


async def _variants(session: AsyncSession, product: Product) -> Sequence[Variant]:
    """In their order, those in the archive last: three queries."""
    found = select(Variant).where(Variant.product_id == product.id)
    loaded = found.options(selectinload(Variant.prices), selectinload(Variant.allocation))
    order = (Variant.archived_at.is_not(None), Variant.position, Variant.id)
    return (await session.scalars(loaded.order_by(*order))).all()


async def _pools(session: AsyncSession, variants: Sequence[Variant]) -> dict[UUID, Pool]:
    ids = {each.pool_id for variant in variants for each in variant.allocation}
    return {pool.id: pool for pool in await session.scalars(select(Pool).where(Pool.id.in_(ids)))}


async def stock_panels(session: AsyncSession, variants: Sequence[Variant], request: Request) -> list[Panel]:
    """Variants that were loaded with prices and allocations, with their stock; and what came and went of it."""
    pools = await _pools(session, variants)
    levels = await levels_of(session, pools)
    locale = locale_of(request)
    rows = [
        [
            _name(variant, request),
            variant.sku or NOTHING,
            prices_text(variant, locale),
            *_stock(variant, levels, request),
        ]
        for variant in variants
    ]
    empty = _("No variants yet.")
    return [
        Panel(title=_("Variants"), columns=VARIANT_COLUMNS, rows=rows, empty=empty),
        await movements_panel(session, pools.values(), request),
    ]


def _name(variant: Variant, request: Request) -> Markup:
    link = link_of(row_url("variant", variant), " / ".join(variant.options) or "–", request)
    if variant.archived_at is None:
        return link
    return Markup('{} <span class="badge state-archived">{}</span>').format(
        link, ARCHIVED.in_locale(locale_of(request))
    )


def _stock(variant: Variant, levels: Mapping[UUID, Level], request: Request) -> list[Any]:
    """A line for each pool that it takes from; what is left leads to the pool."""
    pools = [each.pool_id for each in variant.allocation]
    if not pools:
        return [NOTHING, NOTHING, NOTHING, UNCOUNTED]
    lines: list[list[str]] = [[str(getattr(levels[pool], name)) for pool in pools] for name in NUMBERS]
    lines.append([link_of(f"{PATH}/pool/details/{pool}", levels[pool].left, request) for pool in pools])
    return [Markup("<br>").join(each) for each in lines]


async def _orders_panel(
    session: AsyncSession, product: Product, variants: Sequence[Variant], request: Request
) -> list[Panel]:
    """The latest, for who may look at orders."""
    if OrderPermission.ORDERS_VIEW not in current_user_of(request).permissions:
        return []
    rows = [
        [
            link_of(row_url("order", row), row.number, request),
            clock(row.created_at, settings.time_zone, locale_of(request)),
            row.name or NOTHING,
            str(row.pieces),
        ]
        for row in await session.execute(_latest_orders([variant.id for variant in variants]))
    ]
    more = list_url("order", product=str(product.id)) if rows else ""
    return [Panel(title=_("Latest orders"), columns=ORDER_COLUMNS, rows=rows, empty=_("No orders yet."), more=more)]


def _latest_orders(offers: Collection[UUID]) -> Select[Any]:
    pieces = func.sum(ORDER_LINES.c.quantity).label("pieces")
    return (
        select(ORDERS.c.id, ORDERS.c.number, ORDERS.c.created_at, ORDERS.c.name, pieces)
        .join(ORDER_LINES, ORDER_LINES.c.order_id == ORDERS.c.id)
        .where(among(ORDER_LINES.c.offer_id, offers))
        .group_by(ORDERS.c.id)
        .order_by(ORDERS.c.id.desc())
        .limit(LATEST)
    )


async def impact_of(session: AsyncSession, products: Collection[UUID]) -> Impact:
    """One query."""
    variants = VARIANTS.c.product_id == Product.id
    counted = {
        _("Variants"): select(func.count()).where(variants),
        _("Images"): select(func.count()).where(IMAGES.c.product_id == Product.id),
        _("Stock"): select(func.count(ALLOCATIONS.c.pool_id.distinct())).where(
            variants, ALLOCATIONS.c.offer_id == VARIANTS.c.offer_id
        ),
        _("Orders"): select(func.count(ORDER_LINES.c.order_id.distinct())).where(
            variants, ORDER_LINES.c.offer_id == VARIANTS.c.offer_id
        ),
    }
    found = select(Product.id, *(each.correlate(Product).scalar_subquery() for each in counted.values()))
    rows = await session.execute(found.where(Product.id.in_(products)))
    return {id: list(zip(counted, numbers, strict=True)) for id, *numbers in rows}
