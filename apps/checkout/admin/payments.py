"""Payments in the back office: looked at, never changed. They stand here because they lead to their orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqladmin.authorization import Action
from sqlalchemy import ColumnElement, Select, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.filters import YES, Choice, Days, states
from apps.backoffice.formats import NOTHING, badge, clock, link_of, money_in
from apps.backoffice.lists import Order as Sorted
from apps.backoffice.panels import Panel
from apps.backoffice.places import row_place
from apps.backoffice.requests import locale_of
from apps.backoffice.views import View
from apps.checkout.admin.names import PAYMENT_STATES, REFUND_STATES, SALES
from apps.checkout.permissions import OrderPermission
from apps.checkout.staff_reads import matches
from apps.core.i18n import lazy as _
from apps.core.money import format_money
from apps.orders.models import Order
from apps.payments.models import Payment, PaymentState, Refund, RefundState
from project.settings import settings

LONG_AGO: ColumnElement[datetime] = literal_column("now() - interval '15 minutes'")
IS_SILENT = Payment.state.in_([PaymentState.created, PaymentState.pending]) & (Payment.expires_at < LONG_AGO)
"""Time to pay is over, and the provider has not said what became of it."""
FAILED_REFUND = select(Refund.payment_id).where(Refund.state == literal_column(f"'{RefundState.failed}'"))
LATELY: ColumnElement[datetime] = literal_column("now() - interval '14 days'")
FAILED_LATELY = Payment.id.in_(FAILED_REFUND.where(Refund.created_at > LATELY))


def order_link(row: Any, name: str, request: Request) -> Any:
    if row.order is None:
        return NOTHING
    return link_of(row_place("order", row.order), row.order.number, request)


class PaymentAdmin(View, model=Payment):
    name, name_plural, group = _("Payment"), _("Payments"), SALES
    permissions = {Action.LIST: OrderPermission.ORDERS_VIEW, Action.DETAILS: OrderPermission.ORDERS_VIEW}
    column_list = ["created_at", "order", "provider", "amount", "captured", "refunded", "state"]
    column_details_list = [*column_list, "confirmed_at", "reference"]
    column_labels = {
        "created_at": _("Started"),
        "order": _("Order number"),
        "provider": _("Provider"),
        "amount": _("Amount"),
        "captured": _("Received"),
        "refunded": _("Refunded"),
        "state": _("State"),
        "confirmed_at": _("Received at"),
        "reference": _("Provider's reference"),
    }
    column_formatters = {
        "order": order_link,
        "amount": money_in("currency"),
        "captured": money_in("currency"),
        "refunded": money_in("currency"),
        "state": badge(PAYMENT_STATES),
    }
    orders = {"created_at": Sorted(Payment.id, UUID, is_descending=True)}
    filters = (
        states("state", _("State"), Payment.state, PAYMENT_STATES),
        Choice(
            "refunds",
            _("Refunded"),
            {
                "failed": (_("A refund failed"), Payment.id.in_(FAILED_REFUND)),
                "failed-lately": (_("A refund failed, in 14 days"), FAILED_LATELY),
            },
        ),
        Choice("silent", _("Payments without an answer"), {YES: (_("Yes"), IS_SILENT)}),
        Days("begun", _("Started"), Payment.created_at, id=Payment.id),
    )
    parts = (Refund,)
    search_help = _("Order number, email, name or provider's reference")

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        orders = select(Order.id).where(matches(words))
        return found.where(or_(Payment.owner_id.in_(orders), Payment.reference == words))

    def label(self, row: Payment) -> str:
        order: Order | None = getattr(row, "order", None)
        return f"{row.provider} · {order.number}" if order else row.provider

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        found = select(Order).where(Order.id.in_([row.owner_id for row in rows]))
        orders = {order.id: order for order in await session.scalars(found)}
        for row in rows:
            row.order = orders.get(row.owner_id)

    async def panels(self, session: AsyncSession, row: Payment, request: Request) -> Sequence[Panel]:
        found = select(Refund).where(Refund.payment_id == row.id).order_by(Refund.created_at, Refund.id)
        locale = locale_of(request)
        refunds = [
            [
                clock(each.created_at, settings.time_zone, locale),
                format_money(each.amount, row.currency, locale=locale),
                each.reason,
                badge(REFUND_STATES)(each, "state", request),
            ]
            for each in await session.scalars(found)
        ]
        columns = [_("When"), _("Amount"), _("Reason"), _("State")]
        return [Panel(title=_("Refunded"), columns=columns, rows=refunds, empty=_("Nothing was refunded."))]
