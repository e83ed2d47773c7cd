"""Pools in the back office."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import msgspec
from sqladmin.authorization import Action
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Work
from apps.backoffice.actions.usual_actions import archiving, locked, restoring
from apps.backoffice.formats import link_of
from apps.backoffice.forms.values import wanted
from apps.backoffice.lists.filters import Choice, shelf
from apps.backoffice.lists.pages import Order
from apps.backoffice.panels import Hanging, Panel
from apps.backoffice.urls import list_place, row_place
from apps.backoffice.views.base import View
from apps.core.db.archive import restore
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.inventory.models import Pool
from apps.inventory.permissions import StockPermission as P
from apps.inventory.repositories import PoolRepository
from apps.inventory.staff import LIVE
from apps.inventory.staff_reads import pool_out
from apps.inventory.staff_schemas import NewPoolIn, PoolIn
from apps.inventory.stock import open_pool, rename_pool
from apps.orders.admin.movements import movements_panel
from apps.orders.admin.moving import MOVES
from apps.orders.held import levels_of
from apps.orders.kinds import fulfilment_of, fulfilments
from apps.orders.models import Offer, OfferPool
from apps.orders.offers.availability import FEW
from apps.orders.offers.pools import archive_pool

MOST_TAKERS = 100


class PoolForm(Form):
    name = fields.Input(_("Title"), required=True)


class NewPoolForm(PoolForm):
    capacity = fields.Number(_("In all"), empty=0, help=_("How many there are to begin with."))


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


class PoolAdmin(View, model=Pool):
    name, name_plural, group = _("Stock"), _("Stock"), _("Merch")
    name_of_new = _("New stock")
    menu_place = 22
    permissions = {
        Action.LIST: P.STOCK_VIEW,
        Action.DETAILS: P.STOCK_VIEW,
        Action.CREATE: P.STOCK_EDIT,
        Action.EDIT: P.STOCK_EDIT,
        Action.EXPORT: P.STOCK_EXPORT,
    }
    column_list = ["name", "placed", "held", "sold", "left"]
    column_details_list = ["placed", "held", "sold", "left", "created_at", "archived_at"]
    column_labels = {
        "name": _("Title"),
        "placed": _("In all"),
        "held": _("Held"),
        "sold": _("Sold"),
        "left": _("Left"),
        "created_at": _("Added"),
        "archived_at": _("In the archive since"),
    }
    orders = {"name": Order(Pool.name, str), "left": Order(cast(Any, Pool.left), int)}
    filters = (
        Choice("for", _("What takes from it"), takers()),
        Choice(
            "left",
            _("Left"),
            {"few": (_("10 or fewer"), and_(Pool.left <= FEW)), "none": (_("Sold out"), and_(Pool.left == 0))},
        ),
        shelf(Pool.archived_at),
    )
    searched, search_help = ("name",), _("Title")
    empty = _("There is no stock yet. It comes with the variants of products and with ticket types.")
    verbs = (
        *MOVES,
        archiving(
            locked(PoolRepository, archive_pool),
            _("Shall this stock go to the archive? That can be done when all that takes from it is there."),
            permission=P.STOCK_EDIT,
        ),
        restoring(locked(PoolRepository, partial(restore, action="inventory.restore_pool")), permission=P.STOCK_EDIT),
    )
    form, form_create, schema = PoolForm, NewPoolForm, PoolIn
    repository = PoolRepository
    live = LIVE

    def label(self, row: Pool) -> str:
        return row.name

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        levels = await levels_of(session, [row.id for row in rows])
        for row in rows:
            row.placed, row.held, row.sold = levels[row.id].placed, levels[row.id].held, levels[row.id].sold

    async def panels(self, session: AsyncSession, row: Pool, request: Request) -> Sequence[Panel]:
        more = list_place("stock-movement", pool=str(row.id))
        return [await takers_panel(session, row, request), await movements_panel(session, [row], request, more=more)]

    async def hanging(self, session: AsyncSession, rows: Sequence[Pool], request: Request) -> Hanging:
        await self.complete(session, rows)
        names = ("placed", "held", "sold", "left")
        return {row.id: [(self.column_labels[name], getattr(row, name)) for name in names] for row in rows}

    async def resource(self, session: AsyncSession, row: Pool) -> msgspec.Struct:
        return pool_out(row)

    async def add(self, work: Work, form: Form) -> Pool:
        return await open_pool(work.session, wanted(form, NewPoolIn), actor=work.actor)

    async def write(self, work: Work, row: Pool, wanted: PoolIn) -> None:
        await rename_pool(work.session, row, wanted.name, actor=work.actor)


async def takers_panel(session: AsyncSession, pool: Pool, request: Request) -> Panel:
    """What is sold out of the pool, from the archive too."""
    taking = select(Offer.id, Offer.title, Offer.kind, OfferPool.units).join(OfferPool, OfferPool.offer_id == Offer.id)
    found = await session.execute(
        taking.where(OfferPool.pool_id == pool.id).order_by(Offer.title, Offer.id).limit(MOST_TAKERS)
    )
    rows = [
        [link_of(row_place(fulfilment_of(each.kind).extension.view, each), each.title, request), str(each.units)]
        for each in found
    ]
    return Panel(
        title=_("What takes from it"),
        columns=(_("Title"), _("Units of it")),
        rows=rows,
        empty=_("Nothing takes from it."),
    )
