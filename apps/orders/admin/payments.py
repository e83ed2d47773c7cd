"""What orders add to payments: which order each is for."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqladmin.authorization import Action as Access
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.permissions import Permission
from apps.backoffice.formats import NOTHING, link_of
from apps.backoffice.urls import row_url
from apps.core.text.i18n import lazy as _
from apps.orders.listing import matches
from apps.orders.models import Order
from apps.orders.permissions import OrderPermission
from apps.payments.admin import PaymentAdmin
from apps.payments.models import Payment


def order_link(row: Any, name: str, request: Request) -> Any:
    if row.order is None:
        return NOTHING
    return link_of(row_url("order", row.order), row.order.number, request)


class PaymentOfOrderAdmin(PaymentAdmin):
    """Who sees orders sees what was paid for them."""

    permissions: ClassVar[Mapping[str, Permission]] = {
        Access.LIST: OrderPermission.ORDERS_VIEW,
        Access.DETAILS: OrderPermission.ORDERS_VIEW,
    }
    column_list = ["created_at", "order", *PaymentAdmin.column_list[1:]]
    column_details_list = ["created_at", "order", *PaymentAdmin.column_details_list[1:]]
    column_labels = PaymentAdmin.column_labels | {"order": _("Order number")}
    column_formatters = PaymentAdmin.column_formatters | {"order": order_link}
    search_help = _("Order number, email, name or provider's reference")

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        orders = select(Order.id).where(matches(words))
        return found.where(or_(Payment.owner_id.in_(orders), Payment.reference == words))

    def label(self, row: Payment) -> str:
        order: Order | None = getattr(row, "order", None)
        return f"{row.provider} · {order.number}" if order else row.provider

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        await super().complete(session, rows)
        found = select(Order).where(Order.id.in_([row.owner_id for row in rows]))
        orders = {order.id: order for order in await session.scalars(found)}
        for row in rows:
            row.order = orders.get(row.owner_id)
