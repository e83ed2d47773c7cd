"""Pools in the back office."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice, Filter, archive_filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.urls import list_url
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.inventory.admin.movements import movements_panel
from apps.inventory.admin.stock_actions import MOVES
from apps.inventory.levels import FEW
from apps.inventory.models import Pool
from apps.inventory.permissions import StockPermission as P
from apps.inventory.repositories import PoolRepository
from apps.inventory.staff import LIVE
from apps.inventory.staff_reads import pool_out
from apps.inventory.staff_schemas import NewPoolIn, PoolIn
from apps.inventory.stock import open_pool, rename_pool


class PoolForm(Form):
    name = fields.Input(_("Title"), required=True)


class NewPoolForm(PoolForm):
    capacity = fields.Number(_("Total stock"), empty=0, help=_("How many there are at the start."))


class PoolAdmin(View, model=Pool):
    name, name_plural, group = _("Stock"), _("Stock"), _("Merch")
    name_of_new = _("New stock")
    menu_place = 22
    permissions = {
        Access.LIST: P.STOCK_VIEW,
        Access.DETAILS: P.STOCK_VIEW,
        Access.CREATE: P.STOCK_EDIT,
        Access.EDIT: P.STOCK_EDIT,
        Access.EXPORT: P.STOCK_EXPORT,
    }
    column_list = ["name", "capacity", "left"]
    column_details_list = ["capacity", "left", "created_at", "archived_at"]
    column_labels = {
        "name": _("Title"),
        "capacity": _("Total stock"),
        "left": _("Available"),
        "created_at": _("Added"),
        "archived_at": _("Archived on"),
    }
    sorts = {"name": Sort(Pool.name, str), "left": Sort(cast(Any, Pool.left), int)}
    filters: ClassVar[Sequence[Filter]] = (
        Choice(
            "left",
            _("Available"),
            {"few": (_("10 or fewer"), and_(Pool.left <= FEW)), "none": (_("Sold out"), and_(Pool.left == 0))},
        ),
        archive_filter(Pool.archived_at),
    )
    searched, search_help = ("name",), _("Title")
    empty = _("No stock yet. It is created with product variants and ticket types.")
    actions: ClassVar[Sequence[Action]] = MOVES
    form, form_create, schema = PoolForm, NewPoolForm, PoolIn
    repository = PoolRepository
    live = LIVE
    affected: ClassVar[Sequence[str]] = ("capacity", "left")
    """Columns that are told of before a pool goes."""

    def label(self, row: Pool) -> str:
        return row.name

    async def panels(self, session: AsyncSession, row: Pool, request: Request) -> Sequence[Panel]:
        more = list_url("stock-movement", pool=str(row.id))
        return [await movements_panel(session, [row], request, more=more)]

    async def impact(self, session: AsyncSession, rows: Sequence[Pool], request: Request) -> Impact:
        await self.complete(session, rows)
        return {row.id: [(self.column_labels[name], getattr(row, name)) for name in self.affected] for row in rows}

    async def resource(self, session: AsyncSession, row: Pool) -> msgspec.Struct:
        return pool_out(row)

    async def add(self, context: ActionContext, form: Form) -> Pool:
        return await open_pool(context.session, bind(form, NewPoolIn), actor=context.actor)

    async def write(self, context: ActionContext, row: Pool, data: PoolIn) -> None:
        await rename_pool(context.session, row, data.name, actor=context.actor)
