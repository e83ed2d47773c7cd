"""Small tables of the first screen: the concerts that come next, and what runs out."""

from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.entry.reach import may_open
from apps.backoffice.formats import link_of
from apps.backoffice.lists.listing import cell_of
from apps.backoffice.panels import Panel
from apps.backoffice.places import PATH, list_place
from apps.concerts.admin import ConcertAdmin
from apps.concerts.admin.common import TO_COME
from apps.concerts.models import Concert
from apps.core.text.i18n import lazy as _
from apps.inventory.services import POOLS
from apps.orders.offers.availability import FEW
from apps.orders.repositories import OFFERS, RECIPES
from apps.shop.repositories import VARIANTS

MOST = 8
CONCERTS = ConcertAdmin()
COLUMNS = ("title", "starts_at", "venue", "state", "sold")


async def next_concerts(session: AsyncSession, request: Request) -> Panel:
    """As their list shows them: three queries."""
    coming = CONCERTS.scope().where(TO_COME, Concert.archived_at.is_(None))
    concerts = (await session.scalars(coming.order_by(Concert.starts_at, Concert.id).limit(MOST))).all()
    await CONCERTS.complete(session, concerts)
    return Panel(
        title=_("Next concerts"),
        columns=[CONCERTS.column_labels[name] for name in COLUMNS],
        rows=[
            [
                _title("concert", each.id, each.title, request),
                *(cell_of(CONCERTS, each, name, request) for name in COLUMNS[1:]),
            ]
            for each in concerts
        ],
        empty=_("No concert is planned."),
        more=list_place("concert", when="to-come", sort="starts_at"),
    )


async def low_stock(session: AsyncSession, request: Request) -> Panel:
    """Variants on sale of which ten pieces or fewer are left, what is sold out first: one query.

    It reads all pools, which are as many as variants and not as sales. An index by what is left would be written by
    every sale of a hot pool.
    """
    return Panel(
        title=_("Low stock"),
        columns=[_("Variant"), _("Left"), _("In all")],
        rows=[
            [
                _title("product", row.product_id, row.title, request),
                link_of(f"{PATH}/pool/details/{row.id}", row.left, request),
                str(row.capacity),
            ]
            for row in await session.execute(_LOW)
        ],
        empty=_("Of everything on sale more than ten pieces are left."),
        more=list_place("pool", **{"for": "merch-on-sale", "left": "few", "sort": "left"}),
    )


def _low() -> Any:
    """The pools in their order, each with one of its variants: no more of them are joined than are shown."""
    left = (POOLS.c.capacity - POOLS.c.taken).label("left")
    pools = (
        select(POOLS.c.id, POOLS.c.capacity, left)
        .where(POOLS.c.archived_at.is_(None), left <= FEW)
        .order_by(left, POOLS.c.id)
        .subquery("low")
    )
    variant = (
        select(VARIANTS.c.product_id, OFFERS.c.title)
        .join(RECIPES, RECIPES.c.offer_id == VARIANTS.c.offer_id)
        .join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id)
        .where(RECIPES.c.pool_id == pools.c.id, OFFERS.c.active)
        .limit(1)
        .lateral("variant_of_it")
    )
    return select(pools, variant).join(variant, true()).order_by(pools.c.left, pools.c.id).limit(MOST)


_LOW = _low()


def _title(identity: str, id: Any, text: str, request: Request) -> Markup:
    """On a phone the card's heading."""
    place = f"{PATH}/{identity}/details/{id}"
    return Markup('<a class="row" href="{}">{}</a>').format(place, text) if may_open(request, place) else escape(text)
