"""What checkout adds to orders: all about one of them, what can be done with it, free orders."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.permissions import Permission
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.forms.values import bind
from apps.backoffice.requests import id_of, locale_of
from apps.checkout.admin.actions import ACTIONS, NOTE
from apps.checkout.admin.forms import CompOrderForm, CustomerForm, RefundAmountForm, RefundLinesForm
from apps.checkout.admin.order_page import OrderPage, entries_of, mails_about, urls_of
from apps.checkout.admin.timeline import timeline_of
from apps.checkout.comp_orders import place_comp_order
from apps.checkout.edit_customer import customer_of, edit_customer
from apps.checkout.staff_reads import order_for_staff
from apps.checkout.staff_schemas import CompOrderIn, CustomerIn
from apps.core.text.i18n import lazy as _
from apps.orders.admin import OrderAdmin
from apps.orders.admin.columns import order_state
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.models import Order
from apps.orders.permissions import OrderPermission
from apps.orders.repositories import OrderRepository
from apps.payments.offline.services import owners_to_receive_from


class OrderWithCheckoutAdmin(OrderAdmin):
    name_of_new = _("New free order")
    permissions: ClassVar[Mapping[str, Permission]] = {
        **OrderAdmin.permissions,
        Access.CREATE: OrderPermission.ORDERS_COMP,
        Access.EDIT: OrderPermission.ORDERS_EDIT,
    }
    actions: ClassVar[Sequence[Action]] = (NOTE, *OrderAdmin.actions, *ACTIONS)
    form, form_create = CustomerForm, CompOrderForm
    details_template = "checkout/admin/order.html"
    form_template = "checkout/admin/order_form.html"

    async def complete_one(self, session: AsyncSession, row: Order) -> None:
        await super().complete_one(session, row)
        await _complete_for_actions(session, [row])

    async def find_many(self, session: AsyncSession, pks: Sequence[str]) -> Sequence[Any]:
        rows = await super().find_many(session, pks)
        await _complete_for_actions(session, rows)
        return rows

    async def more(self, session: AsyncSession, row: Order, request: Request) -> Mapping[str, Any]:
        order = await order_for_staff(await session.connection(), row.number)
        mails = await mails_about(session, row.id)
        entries = await entries_of(session, row.id, request)
        return {
            "order": OrderPage(order, mails, entries, await urls_of(session, order), request),
            "timeline": await timeline_of(session, order, mails, locale=locale_of(request)),
            "state": order_state(row, "state", request),
        }

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
        await super().prepare_action(session, action, form, row)

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


async def _complete_for_actions(session: AsyncSession, rows: Sequence[Any]) -> None:
    owners = await owners_to_receive_from(session, [row.id for row in rows])
    for row in rows:
        row.may_be_received = row.id in owners
