"""Orders in the back office: the list of them, with the columns, filters and actions of the kinds of things sold."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, ClassVar
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import Select, and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.permissions import Permission
from apps.backoffice.actions.action import Action
from apps.backoffice.lists.filters import Choice, Days, Related, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.orders.admin.columns import ORDER_STATES, customer, number_of, order_state, total
from apps.orders.kinds.fulfilment import fulfilments, holds_offer_of
from apps.orders.listing import matches
from apps.orders.models import Order, OrderDispute, OrderLine, OrderState
from apps.orders.permissions import OrderPermission
from apps.orders.repositories import IS_UNDELIVERED, OrderRepository
from apps.payments.admin.payments import SALES
from apps.payments.attention import FAILED_REFUND, LONG_AGO
from apps.payments.models import Payment

WAITS_FOR_DELIVERY = and_(IS_UNDELIVERED, Order.paid_at < LONG_AGO)
IS_DISPUTED = Order.dispute == literal_column(f"'{OrderDispute.open}'")
IS_LOST = and_(Order.dispute == literal_column(f"'{OrderDispute.lost}'"), Order.state == OrderState.paid)
"""The money is gone, and what it was paid for is not taken back yet."""
HAS_FAILED_REFUND = Order.id.in_(select(Payment.owner_id).where(Payment.id.in_(FAILED_REFUND)))
KINDS = [kind.extension for kind in fulfilments()]
COLUMNS = {name: column for kind in KINDS for name, column in kind.columns.items()}


class OrderAdmin(View, model=Order):
    name, name_plural, group = _("Order"), _("Orders"), SALES
    permissions: ClassVar[Mapping[str, Permission]] = {
        Access.LIST: OrderPermission.ORDERS_VIEW,
        Access.DETAILS: OrderPermission.ORDERS_VIEW,
        Access.EXPORT: OrderPermission.ORDERS_EXPORT,
    }
    column_list = ["number", "created_at", "customer", "pieces", "total", "state", *COLUMNS]
    column_export_list = [
        *("number", "created_at", "name", "email", "pieces", "currency", "total_number", "refunded_number"),
        *("state", *COLUMNS),
    ]
    column_labels = {
        "number": _("Number"),
        "created_at": _("Placed"),
        "customer": _("Customer"),
        "name": _("Name"),
        "email": _("Email"),
        "pieces": _("Quantity"),
        "currency": _("Currency"),
        "total": _("Total"),
        "total_number": _("Total"),
        "state": _("Status"),
        "refunded_number": _("Refunded"),
        **{name: column.title for name, column in COLUMNS.items()},
    }
    column_formatters = {
        "customer": customer,
        "total": total,
        "total_number": number_of("total"),
        "state": order_state,
        "refunded_number": number_of("refunded"),
        **{name: column.formatter for name, column in COLUMNS.items()},
    }
    sorts = {
        "created_at": Sort(Order.id, UUID, is_descending=True),
        "total": Sort(Order.total, int),
        "state": Sort(Order.state, str),
    }
    filters = (
        states("state", _("Status"), Order.state, ORDER_STATES),
        *(each for kind in KINDS for each in kind.filters),
        Choice(
            "attention",
            _("Needs attention"),
            {
                "undelivered": (_("Paid, but not delivered"), WAITS_FOR_DELIVERY),
                "disputed": (_("Disputed: on hold"), IS_DISPUTED),
                "lost": (_("Dispute lost: to be taken back"), IS_LOST),
            },
        ),
        Choice("refunds", _("Refunded"), {"failed": (_("A refund failed"), HAS_FAILED_REFUND)}),
        Days("placed", _("Placed"), Order.created_at, id=Order.id),
        *(
            Related(kind.parent, kind.extension.parent_name, kind.parent, partial(holds_offer_of, kind))
            for kind in fulfilments()
        ),
        Related("user", _("Account"), "user", lambda id: Order.user_id == id),
    )
    label_column = "number"
    search_help = _("Number, email or name")
    actions: ClassVar[Sequence[Action]] = tuple(action for kind in KINDS for action in kind.actions)
    repository = OrderRepository
    parts = tuple(model for kind in KINDS for model in kind.models)

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(matches(words))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        """`pieces`, and what the kinds have to tell."""
        ids = [row.id for row in rows]
        counted = select(OrderLine.order_id, func.sum(OrderLine.quantity)).where(OrderLine.order_id.in_(ids))
        pieces = dict((await session.execute(counted.group_by(OrderLine.order_id))).tuples().all())
        for row in rows:
            row.pieces = pieces.get(row.id, 0)
        for kind in KINDS:
            await kind.complete(session, rows)

    async def find_many(self, session: AsyncSession, pks: Sequence[str]) -> Sequence[Any]:
        rows = await super().find_many(session, pks)
        await self.complete(session, rows)
        return rows

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        return {row.id: [(_("Quantity"), row.pieces), *chain(*(kind.impact(row) for kind in KINDS))] for row in rows}

    async def prepare_action(self, session: AsyncSession, action: Action, form: Form, row: Order) -> None:
        for kind in KINDS:
            await kind.prepare_action(session, action, form, row)
