"""Returns: what fans have withdrawn from, and what staff do about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, or_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.permissions import Permission
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import NOTHING, badge, link_of
from apps.backoffice.forms.values import bind
from apps.backoffice.history.values import states as names_of
from apps.backoffice.lists.filters import Choice, Days
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.urls import details_url
from apps.backoffice.views.base import View
from apps.checkout.refunds.refund import money_left
from apps.checkout.refunds.scope import money_of
from apps.core.money import format_money
from apps.core.text.i18n import lazy as _
from apps.orders.permissions import OrderPermission as P
from apps.orders.repositories import OrderRepository
from apps.payments.admin.payments import SALES
from apps.shop.withdrawals.models import WAITING, Withdrawal, WithdrawalState
from apps.shop.withdrawals.repositories import pieces_of
from apps.shop.withdrawals.schemas import RefuseIn
from apps.shop.withdrawals.services import STATES, receive_back, refund_withdrawn, refuse, scope_of_refund


class RefuseForm(Form):
    reason = fields.Input(_("Reason"), required=True, help=_("The customer gets it by email."))


async def take_back(context: ActionContext, row: Withdrawal, form: None) -> None:
    await receive_back(context.session, row.id, actor=context.actor)


async def refund(context: ActionContext, row: Withdrawal, form: None) -> None:
    await refund_withdrawn(context.session, row.id, actor=context.actor)


async def refuse_with_reason(context: ActionContext, row: Withdrawal, form: Form) -> None:
    await refuse(context.session, row.id, reason=bind(form, RefuseIn).reason, actor=context.actor)


async def preview_refund(context: ActionContext, rows: Sequence[Withdrawal], form: None) -> Sequence[Panel]:
    """The amounts, as the orders are now."""
    shown = [(row, await _amount(context.session, row, context.locale)) for row in rows]
    columns = [_("Order"), _("Refund")]
    table = [[row.order_number, amount] for row, amount in shown]
    return [Panel(title=_("What goes back"), columns=columns, rows=table, empty=_("Nothing yet."))]


async def _amount(session: AsyncSession, row: Withdrawal, locale: str) -> str:
    order = await OrderRepository(session=session).get_one(id=row.order_id)
    lines = {each.id: each for each in await OrderRepository(session=session).lines(order.id)}
    scope = await scope_of_refund(session, row)
    left = await money_left(session, order)
    amount = money_of(lines, scope, scope.quantities, left=left) if scope.quantities else 0
    return format_money(amount, order.currency, locale=locale)


def is_waiting(row: Withdrawal) -> bool:
    return row.state in WAITING


def order(row: Any, name: str, request: Request) -> Any:
    return link_of(details_url("order", row.order_id), row.order_number, request)


def pieces(row: Any, name: str, request: Request) -> str:
    return str(row.pieces)


def statement(row: Withdrawal, name: str, request: Request) -> Any:
    return Markup("<br>").join(row.statement.splitlines()) or NOTHING


ACTIONS = (
    Action(
        name="receive",
        title=_("Goods received"),
        question=_("Have the goods come back? The stock does not change: add what can be sold again yourself."),
        done=_("Marked as received."),
        permission=P.ORDERS_SHIP,
        run=take_back,
        applies=lambda row: row.state is WithdrawalState.open,
        is_next=True,
    ),
    Action(
        name="refund",
        title=_("Refund"),
        question=_(
            "Refund what was paid for these goods? Shipping goes back too when the customer keeps no merch of the "
            "order. What was not sent yet goes back on sale."
        ),
        done=_("Refunded. Money that was paid is on its way."),
        permission=P.ORDERS_REFUND,
        preview=preview_refund,
        run=refund,
        applies=is_waiting,
        needs_proof=True,
        is_next=True,
    ),
    Action(
        name="refuse",
        title=_("Refuse"),
        question=_("Refuse this withdrawal? The law allows it in few cases only: be sure of yours."),
        done=_("Refused. The customer gets an email."),
        permission=P.ORDERS_REFUND,
        run=refuse_with_reason,
        applies=is_waiting,
        form=RefuseForm,
        is_dangerous=True,
    ),
)


class WithdrawalAdmin(View, model=Withdrawal):
    name, name_plural, group = _("Return"), _("Returns"), SALES
    menu_place = 52
    permissions: ClassVar[Mapping[str, Permission]] = {
        Access.LIST: P.ORDERS_VIEW,
        Access.DETAILS: P.ORDERS_VIEW,
        Access.EXPORT: P.ORDERS_EXPORT,
    }
    column_list = ["created_at", "order", "name", "pieces", "state"]
    column_details_list = [
        *("state", "created_at", "order", "name", "email", "statement"),
        *("received_at", "refused_at", "note"),
    ]
    column_export_list = ["created_at", "order_number", "name", "email", "pieces", "state", "note"]
    column_labels = {
        "created_at": _("Declared"),
        "order": _("Order"),
        "order_number": _("Order"),
        "name": _("Name"),
        "email": _("Receipt to"),
        "pieces": _("Pieces"),
        "state": _("Status"),
        "statement": _("Declaration"),
        "received_at": _("Goods received"),
        "refused_at": _("Refused"),
        "note": _("Reason"),
    }
    column_formatters = {"order": order, "pieces": pieces, "state": badge(STATES), "statement": statement}
    sorts = {"created_at": Sort(Withdrawal.id, UUID, is_descending=True)}
    filters = (
        Choice(
            "state",
            _("Status"),
            {
                "waiting": (_("To see to"), Withdrawal.state.in_(WAITING)),
                **{each.value: (name, Withdrawal.state == each) for each, name in STATES.items()},
            },
        ),
        Days("declared", _("Declared"), Withdrawal.created_at, id=Withdrawal.id),
    )
    recorded = {"state": names_of(STATES)}
    search_help = _("Order number or email")
    empty = _("Nobody has withdrawn from an order.")
    label_column = "order_number"
    actions = ACTIONS

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        wanted = words.strip()
        return found.where(or_(Withdrawal.order_number == wanted.upper(), Withdrawal.email == wanted.lower()))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        """How many `pieces`: one statement for all."""
        counts: Counter[UUID] = Counter()
        for each in await pieces_of(await session.connection(), {row.id for row in rows}):
            counts[each.withdrawal_id] += each.quantity
        for row in rows:
            row.pieces = counts[row.id]

    async def panels(self, session: AsyncSession, row: Withdrawal, request: Request) -> Sequence[Panel]:
        found = await pieces_of(await session.connection(), {row.id})
        return [
            Panel(
                title=_("Items"),
                columns=[_("Item"), _("Quantity")],
                rows=[[each.title, str(each.quantity)] for each in found],
                empty=_("Nothing yet."),
            )
        ]
