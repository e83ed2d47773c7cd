"""What offers add to a pool's page: what takes from it, how much is held and sold; archiving, which asks them."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.actions.action import Action
from apps.backoffice.actions.common_actions import archiving, locked, restoring
from apps.backoffice.formats import link_of
from apps.backoffice.lists.filters import Choice, Filter
from apps.backoffice.panels import Panel
from apps.backoffice.urls import row_url
from apps.core.db.archive import restore
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.inventory.admin import PoolAdmin
from apps.inventory.models import Pool
from apps.inventory.permissions import StockPermission as P
from apps.inventory.repositories import PoolRepository
from apps.orders.held_units import levels_of
from apps.orders.kinds.fulfilment import fulfilment_of, fulfilments
from apps.orders.models import Offer, OfferPool
from apps.orders.offers.pools import archive_pool

MOST_TAKERS = 100


def takers() -> dict[str, tuple[Lazy, ColumnElement[bool]]]:
    """Choices of the list: what things of each kind take from, and those of them that are on sale."""
    choices: dict[str, tuple[Lazy, ColumnElement[bool]]] = {}
    for each in fulfilments():
        choices[each.kind] = each.name, taken_by(each.kind)
        choices[f"{each.kind}-on-sale"] = each.on_sale, taken_by(each.kind, Offer.active.is_(True))
    return choices


def taken_by(kind: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether something like that, not in the archive, takes from the pool."""
    of_kind = exists().where(OfferPool.pool_id == Pool.id, Offer.id == OfferPool.offer_id, Offer.kind == kind)
    return of_kind.where(Offer.archived_at.is_(None), *conditions)


class PoolWithOffersAdmin(PoolAdmin):
    column_list = ["name", "capacity", "held", "sold", "left"]
    column_details_list = ["capacity", "held", "sold", "left", "created_at", "archived_at"]
    column_labels = PoolAdmin.column_labels | {"held": _("Reserved"), "sold": _("Sold")}
    affected_columns = ("capacity", "held", "sold", "left")
    filters: ClassVar[Sequence[Filter]] = (Choice("for", _("Used by"), takers()), *PoolAdmin.filters)
    actions: ClassVar[Sequence[Action]] = (
        *PoolAdmin.actions,
        archiving(
            locked(PoolRepository, archive_pool),
            _("Archive this stock? Everything that uses it must be archived first."),
            permission=P.STOCK_EDIT,
        ),
        restoring(locked(PoolRepository, partial(restore, action="inventory.restore_pool")), permission=P.STOCK_EDIT),
    )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        levels = await levels_of(session, [row.id for row in rows])
        for row in rows:
            row.held, row.sold = levels[row.id].held, levels[row.id].sold

    async def panels(self, session: AsyncSession, row: Pool, request: Request) -> Sequence[Panel]:
        return [await takers_panel(session, row, request), *await super().panels(session, row, request)]


async def takers_panel(session: AsyncSession, pool: Pool, request: Request) -> Panel:
    """What is sold out of the pool, from the archive too."""
    taking = select(Offer.id, Offer.title, Offer.kind, OfferPool.units).join(OfferPool, OfferPool.offer_id == Offer.id)
    found = await session.execute(
        taking.where(OfferPool.pool_id == pool.id).order_by(Offer.title, Offer.id).limit(MOST_TAKERS)
    )
    rows = [
        [link_of(row_url(fulfilment_of(each.kind).extension.view, each), each.title, request), str(each.units)]
        for each in found
    ]
    return Panel(
        title=_("Used by"),
        columns=(_("Title"), _("Units")),
        rows=rows,
        empty=_("Not used by anything."),
    )
