"""Entries among the orders of the back office."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import badge
from apps.backoffice.lists.filters import Choice
from apps.backoffice.panels import Panel
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.order_extension import Column, OrderExtension
from apps.orders.models import Order
from tests.kinds.raffle.models import Entry, EntryState, Lot

ENTRY_STATES: Mapping[Any, Lazy] = {EntryState.taking_part: _("Taking part"), EntryState.withdrawn: _("Withdrawn")}


def entries(row: Any, name: str, request: Request) -> str:
    return str(row.entries)


class OrderEntries(OrderExtension):
    offer, view, parent_name = Lot, "raffle-lot", _("Raffle")
    columns = {"entries": Column(_("Raffle entries"), entries)}
    filters = (
        Choice(
            "entries",
            _("Raffle entries"),
            {"some": (_("Takes part"), Order.id.in_(select(Entry.order_id)))},
        ),
    )
    delivered = _("Entered into the raffle.")

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        counted = select(Entry.order_id, func.count()).where(Entry.order_id.in_([row.id for row in rows]))
        by_order = dict((await session.execute(counted.group_by(Entry.order_id))).tuples().all())
        for row in rows:
            row.entries = by_order.get(row.id, 0)

    def panels(self, parts: Sequence[Any], request: Request) -> Iterator[Panel]:
        yield Panel(
            title=_("Raffle entries"),
            columns=[_("Number"), _("Status")],
            rows=[[each.number, badge(ENTRY_STATES)(each, "state", request)] for each in parts],
            empty=_("Nothing yet."),
        )
