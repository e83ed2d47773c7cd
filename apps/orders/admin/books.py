"""What orders add to the books: which order each entry is for."""

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.backoffice.lists.filters import Filter, Related
from apps.core.text.i18n import lazy as _
from apps.orders.admin.payments import order_link
from apps.orders.models import Order
from apps.payments.books.admin import TransferAdmin
from apps.payments.books.models import Transfer


class TransferOfOrderAdmin(TransferAdmin):
    column_list = [*TransferAdmin.column_list[:2], "order", *TransferAdmin.column_list[2:]]
    column_details_list = [*column_list, *TransferAdmin.column_details_list[len(TransferAdmin.column_list) :]]
    column_labels: ClassVar[Any] = TransferAdmin.column_labels | {"order": _("Order number")}
    column_formatters: ClassVar[Any] = TransferAdmin.column_formatters | {"order": order_link}
    filters: ClassVar[Sequence[Filter]] = (
        *TransferAdmin.filters,
        Related("order", _("Order"), "order", lambda id: Transfer.owner_id == id),
    )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        await super().complete(session, rows)
        found = select(Order).where(Order.id.in_([row.owner_id for row in rows]))
        orders = {order.id: order for order in await session.scalars(found)}
        for row in rows:
            row.order = orders.get(row.owner_id)
