"""Orders in the back office."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice, Days, Related, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact
from apps.backoffice.requests import id_of, locale_of
from apps.backoffice.views.base import View
from apps.checkout.admin.actions import ACTIONS
from apps.checkout.admin.columns import customer, number_of, order_state, total
from apps.checkout.admin.forms import CompOrderForm, CustomerForm, RefundAmountForm, RefundLinesForm
from apps.checkout.admin.names import ORDER_STATES
from apps.checkout.admin.order_page import OrderPage, mails_about, urls_of
from apps.checkout.admin.timeline import timeline_of
from apps.checkout.comp_orders import place_comp_order
from apps.checkout.edit_customer import customer_of, edit_customer
from apps.checkout.permissions import OrderPermission
from apps.checkout.staff_reads import matches, order_for_staff
from apps.checkout.staff_schemas import CompOrderIn, CustomerIn
from apps.core.text.i18n import lazy as _
from apps.orders.kinds.fulfilment import fulfilments, holds_offer_of
from apps.orders.models import Order, OrderLine
from apps.orders.repositories import IS_UNDELIVERED, OrderRepository
from apps.payments.admin.payments import SALES
from apps.payments.attention import FAILED_REFUND, LONG_AGO
from apps.payments.models import Payment

WAITS_FOR_DELIVERY = and_(IS_UNDELIVERED, Order.paid_at < LONG_AGO)
HAS_FAILED_REFUND = Order.id.in_(select(Payment.owner_id).where(Payment.id.in_(FAILED_REFUND)))


KINDS = [kind.extension for kind in fulfilments()]
COLUMNS = {name: column for kind in KINDS for name, column in kind.columns.items()}


class OrderAdmin(View, model=Order):
    name, name_plural, group = _("Order"), _("Orders"), SALES
    name_of_new = _("New free order")
    permissions = {
        Access.LIST: OrderPermission.ORDERS_VIEW,
        Access.DETAILS: OrderPermission.ORDERS_VIEW,
        Access.CREATE: OrderPermission.ORDERS_COMP,
        Access.EDIT: OrderPermission.ORDERS_EDIT,
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
        Choice("attention", _("Needs attention"), {"undelivered": (_("Paid, but not delivered"), WAITS_FOR_DELIVERY)}),
        Choice("refunds", _("Refunded"), {"failed": (_("A refund failed"), HAS_FAILED_REFUND)}),
        Days("placed", _("Placed"), Order.created_at, id=Order.id),
        *(
            Related(kind.parent, kind.extension.parent_name, kind.parent, partial(holds_offer_of, kind))
            for kind in fulfilments()
        ),
        Related("user", _("Account"), "user", lambda id: Order.user_id == id),
    )
    search_help = _("Number, email or name")
    actions = ACTIONS
    form, form_create = CustomerForm, CompOrderForm
    repository = OrderRepository
    parts = tuple(model for kind in KINDS for model in kind.models)
    details_template = "checkout/admin/order.html"
    form_template = "checkout/admin/order_form.html"

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(matches(words))

    def label(self, row: Order) -> str:
        return row.number

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

    async def more(self, session: AsyncSession, row: Order, request: Request) -> Mapping[str, Any]:
        order = await order_for_staff(await session.connection(), row.number)
        mails = await mails_about(session, row.id)
        return {
            "order": OrderPage(order, mails, await urls_of(session, order), request),
            "timeline": await timeline_of(session, order, mails, locale=locale_of(request)),
            "state": order_state(row, "state", request),
        }

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        return {row.id: [(_("Quantity"), row.pieces), *chain(*(kind.impact(row) for kind in KINDS))] for row in rows}

    async def resource(self, session: AsyncSession, row: Order) -> msgspec.Struct:
        return customer_of(row)

    async def prepare(self, session: AsyncSession, form: Form, row: Order | None) -> None:
        """What is picked up has no address to change."""
        if row is not None and not row.address and "address" in form:
            del form["address"]

    async def prepare_action(self, session: AsyncSession, action: Action, form: Form, row: Order) -> None:
        if isinstance(form, RefundAmountForm):
            form.amount.in_currency(row.currency)
        elif isinstance(form, RefundLinesForm):
            form.name_lines(await OrderRepository(session=session).lines(row.id))
        for kind in KINDS:
            await kind.prepare_action(session, action, form, row)

    async def initial_for_new(self, session: AsyncSession, query: Mapping[str, str]) -> Mapping[str, Any]:
        """One of a concert's only tickets; of several offers a line for each, for who gives to fill in."""
        asked = ((kind, id_of(query.get(kind.parent, ""))) for kind in fulfilments())
        offers = [offer for kind, parent in asked if parent for offer in await kind.offers_to_give(session, parent)]
        pieces = 1 if len(offers) == 1 else None
        return {"lines": [{"offer": str(each), "quantity": pieces} for each in offers]} if offers else {}

    async def add(self, context: ActionContext, form: Form) -> Order:
        return await place_comp_order(context.session, bind(form, CompOrderIn), actor=context.actor)

    async def change(self, context: ActionContext, row: Order, form: Form) -> None:
        await edit_customer(context.session, row, bind(form, CustomerIn), actor=context.actor)
