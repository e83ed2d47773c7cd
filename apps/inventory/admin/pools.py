"""Pools in the back office."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from sqladmin.authorization import Action as Access
from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action
from apps.backoffice.lists.filters import Choice, Filter, archive_filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.resource_view import ResourceView
from apps.backoffice.urls import list_url
from apps.core.text.i18n import lazy as _
from apps.inventory.admin.movements import movements_panel
from apps.inventory.admin.stock_actions import MOVES
from apps.inventory.levels import FEW
from apps.inventory.models import Pool
from apps.inventory.permissions import StockPermission as P
from apps.inventory.resources import POOL


class PoolForm(Form):
    name = fields.Input(_("Title"), required=True)


class NewPoolForm(PoolForm):
    capacity = fields.Number(_("Total stock"), empty=0, help=_("How many there are at the start."))


class PoolAdmin(ResourceView, model=Pool):
    declared = POOL
    name, name_plural, group = _("Stock"), _("Stock"), _("Merch")
    name_of_new = _("New stock")
    menu_place = 22
    permissions = {Access.EXPORT: P.STOCK_EXPORT}
    column_list = ["name", "capacity", "left"]
    column_details_list = ["capacity", "left", "created_at", "archived_at"]
    column_labels = {
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
    label_column, search_help = "name", _("Title")
    empty = _("No stock yet. It is created with product variants and ticket types.")
    actions: ClassVar[Sequence[Action]] = MOVES
    form, form_create = PoolForm, NewPoolForm
    affected_columns: ClassVar[Sequence[str]] = ("capacity", "left")
    """Columns that are told of before a pool goes."""

    async def panels(self, session: AsyncSession, row: Pool, request: Request) -> Sequence[Panel]:
        more = list_url("stock-movement", pool=str(row.id))
        return [await movements_panel(session, [row], request, more=more)]

    async def impact(self, session: AsyncSession, rows: Sequence[Pool], request: Request) -> Impact:
        await self.complete(session, rows)
        return {
            row.id: [(self.column_labels[name], getattr(row, name)) for name in self.affected_columns] for row in rows
        }
