"""Stock movements in the back office, read-only: how much, by whom and why."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import NOTHING, badge, clock, link_to
from apps.backoffice.history.audit_log import names_of_actors, who
from apps.backoffice.lists.filters import Days, Related, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.inventory.models import MovementReason, Pool, StockMovement
from apps.inventory.permissions import StockPermission as P
from project.settings import settings

REASONS = {
    MovementReason.received: _("Received"),
    MovementReason.counted: _("Counted"),
    MovementReason.damaged: _("Damaged"),
    MovementReason.returned: _("Returned"),
}
LATEST = 10


def signed(row: Any, name: str, request: Request) -> str:
    return f"{row.delta:+}"


class MovementAdmin(View, model=StockMovement):
    name, name_plural, group = _("Stock movement"), _("Stock movements"), _("Merch")
    menu_place = 23
    permissions = {Access.LIST: P.STOCK_VIEW, Access.DETAILS: P.STOCK_VIEW, Access.EXPORT: P.STOCK_EXPORT}
    column_list = ["created_at", "pool", "delta", "reason", "who", "note"]
    column_labels = {
        "created_at": _("When"),
        "pool": _("Stock"),
        "delta": _("Quantity"),
        "reason": _("Reason"),
        "who": _("Who"),
        "note": _("Note"),
    }
    column_formatters = {"pool": link_to("pool", "name"), "delta": signed, "reason": badge(REASONS), "who": who}
    sorts = {"created_at": Sort(StockMovement.id, UUID, is_descending=True)}
    filters = (
        Related("pool", _("Stock"), "pool", lambda id: StockMovement.pool_id == id),
        states("reason", _("Reason"), StockMovement.reason, REASONS),
        Days("on", _("When"), StockMovement.created_at, id=StockMovement.id),
    )

    def label(self, row: Any) -> str:
        return f"{row.delta:+}"

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        pools = await session.scalars(select(Pool).where(Pool.id.in_({row.pool_id for row in rows})))
        names, people = {pool.id: pool for pool in pools}, await names_of_actors(session, {row.actor for row in rows})
        for row in rows:
            row.pool, row.who = names[row.pool_id], people.get(row.actor, row.actor)


async def movements_panel(session: AsyncSession, pools: Collection[Pool], request: Request, *, more: str = "") -> Panel:
    """The latest of these pools: two queries. `more` is where all of them are."""
    names = {pool.id: pool.name for pool in pools}
    found = select(StockMovement).where(StockMovement.pool_id.in_(names))
    latest = found.order_by(StockMovement.created_at.desc(), StockMovement.id.desc()).limit(LATEST)
    movements = (await session.scalars(latest)).all()
    people = await names_of_actors(session, {each.actor for each in movements})
    rows = [
        [
            clock(each.created_at, settings.time_zone, locale_of(request)),
            names[each.pool_id],
            f"{each.delta:+}",
            REASONS[each.reason],
            people.get(each.actor, each.actor),
            each.note or NOTHING,
        ]
        for each in movements
    ]
    return Panel(
        title=MovementAdmin.name_plural,
        columns=[MovementAdmin.column_labels[name] for name in MovementAdmin.column_list],
        rows=rows,
        empty=_("No stock movements yet."),
        more=more if rows else "",
    )
