"""The shop on the first screen of the back office: orders to send, and what runs out."""

from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select, true, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import heading_of, link_of
from apps.backoffice.home import Box, Question
from apps.backoffice.lists.pages import COUNTED
from apps.backoffice.panels import Panel
from apps.backoffice.urls import details_url, list_url
from apps.core.text.i18n import lazy as _
from apps.inventory.levels import FEW
from apps.inventory.services import POOLS
from apps.orders.repositories import ALLOCATIONS, OFFERS, ORDERS
from apps.shop.models import Shipment, ShipmentState
from apps.shop.repositories import VARIANTS
from apps.shop.shipping.shipment_updates import TO_SHIP

MOST = 8


async def low_stock(session: AsyncSession, request: Request) -> Panel:
    """Variants on sale of which ten pieces or fewer are left, what is sold out first: one query.

    It reads all pools, which are as many as variants and not as sales. An index by what is left would be written by
    every sale of a hot pool.
    """
    return Panel(
        title=_("Low stock"),
        columns=[_("Variant"), _("Available"), _("Total stock")],
        rows=[
            [
                heading_of(details_url("product", row.product_id), row.title, request),
                link_of(details_url("pool", row.id), row.left, request),
                str(row.capacity),
            ]
            for row in await session.execute(_LOW)
        ],
        empty=_("Everything on sale has more than ten left."),
        more=list_url("pool", **{"for": "merch-on-sale", "left": "few", "sort": "left"}),
    )


def _low() -> Any:
    """The pools in their order, each with one of its variants: no more of them are joined than are shown."""
    left = (POOLS.c.capacity - POOLS.c.reserved).label("left")
    pools = (
        select(POOLS.c.id, POOLS.c.capacity, left)
        .where(POOLS.c.archived_at.is_(None), left <= FEW)
        .order_by(left, POOLS.c.id)
        .subquery("low")
    )
    variant = (
        select(VARIANTS.c.product_id, OFFERS.c.title)
        .join(ALLOCATIONS, ALLOCATIONS.c.offer_id == VARIANTS.c.offer_id)
        .join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id)
        .where(ALLOCATIONS.c.pool_id == pools.c.id, OFFERS.c.active)
        .limit(1)
        .lateral("variant_of_it")
    )
    return select(pools, variant).join(variant, true()).order_by(pools.c.left, pools.c.id).limit(MOST)


_LOW = _low()


def _to_ship() -> Select[Any]:
    """Orders, each once, although it may have several parcels."""
    parts = [_first_in(state).limit(COUNTED + 1).subquery() for state in TO_SHIP]
    return select(union(*(select(part.c.order_id) for part in parts)).subquery())


def _oldest_to_ship() -> ScalarSelect[datetime | None]:
    parts = [_first_in(state).limit(1).subquery() for state in TO_SHIP]
    oldest = union_all(*(select(part.c.order_id) for part in parts)).subquery()
    return select(func.min(ORDERS.c.paid_at)).where(ORDERS.c.id.in_(select(oldest.c.order_id))).scalar_subquery()


def _first_in(state: ShipmentState) -> Select[Any]:
    """The index of states has the orders in the order of their making."""
    held = select(ORDERS.c.id).where(ORDERS.c.dispute.is_not(None))
    free = select(Shipment.order_id).where(Shipment.state == state, Shipment.order_id.not_in(held))
    return free.distinct().order_by(Shipment.order_id)


BOXES = (Box(rank=20, view="pool", panel=low_stock),)
QUESTIONS = (
    Question(
        rank=10,
        title=_("Orders to send"),
        found=_to_ship(),
        view="order",
        query={"shipments": "to-ship"},
        oldest=_oldest_to_ship(),
    ),
)
