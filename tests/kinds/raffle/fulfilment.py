"""Lots that were paid for: an entry for each."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.bulk import insert_rows
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.fulfilment import Delivery, Fulfilment
from apps.orders.kinds.parts import Part
from apps.orders.models import OrderLine
from tests.kinds.raffle.models import LOT, Entry, EntryState, Lot, Raffle
from tests.kinds.raffle.order_entries import OrderEntries


class EntryOut(Part, tag=LOT, kw_only=True):
    """An entry into the raffle, by its number."""

    number: str


class LotFulfilment(Fulfilment):
    kind, name, rank = LOT, _("Raffle lots"), 30
    on_sale = _("Raffle lots on sale")
    part = EntryOut
    parent = "raffle"
    order_template, mail_template = "raffle/order.html", "raffle/mail/delivered"
    extension = OrderEntries()

    def offers(self) -> Select[Any]:
        lots = Lot.table()
        return select(lots.c.offer_id, lots.c.raffle_id.label("parent_id"))

    def not_to_give(self) -> Select[Any]:
        """Of a raffle in the archive."""
        lots, raffles = Lot.table(), Raffle.table()
        of_raffle = lots.join(raffles, raffles.c.id == lots.c.raffle_id)
        return select(lots.c.offer_id).select_from(of_raffle).where(raffles.c.archived_at.is_not(None))

    async def deliver(self, connection: AsyncConnection, deliveries: Sequence[Delivery]) -> None:
        entries = [
            {
                "id": uuid7(),
                "order_id": each.order.id,
                "order_line_id": line.id,
                "number": f"R{secrets.randbelow(10**8):08}",
                "state": EntryState.taking_part,
            }
            for each in deliveries
            for line in each.lines
            for _each in range(each.quantity(line))
        ]
        await insert_rows(connection, Entry.table(), entries)

    async def take_back(self, session: AsyncSession, line: OrderLine, quantity: int) -> int:
        mine = select(Entry).where(Entry.order_line_id == line.id, Entry.state == EntryState.taking_part)
        for entry in await session.scalars(mine.order_by(Entry.id.desc()).limit(quantity).with_for_update()):
            entry.move(EntryState.withdrawn)
        return quantity

    async def parts(
        self,
        connection: AsyncConnection,
        order_id: UUID,
        titles: Mapping[UUID, str],
        *,
        locale: str,
        for_customer: bool,
    ) -> Sequence[Part]:
        entries = Entry.table()
        found = await connection.execute(select(entries).where(entries.c.order_id == order_id).order_by(entries.c.id))
        return [
            EntryOut(
                id=row.id,
                line=row.order_line_id,
                title=titles[row.order_line_id],
                state=row.state,
                number=row.number,
            )
            for row in found
        ]


FULFILMENT = LotFulfilment()
