"""What can be done with an order, each by the service that the API has too."""

from typing import Any
from uuid import UUID, uuid5

import msgspec
from wtforms import Form

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.forms.values import bind
from apps.checkout.admin.forms import (
    NoteForm,
    NoteIn,
    RefundAmountForm,
    RefundForm,
    RefundLinesForm,
    ResendForm,
    ResendIn,
)
from apps.checkout.edit_customer import note
from apps.checkout.paying.cancel import cancel_stopped, stop_payment
from apps.checkout.paying.receive import receive
from apps.checkout.refunds.refund import refund
from apps.checkout.resend import renew, resend
from apps.checkout.staff import scope_of
from apps.checkout.staff_schemas import RefundIn
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _
from apps.orders.models import Order, OrderDispute, OrderState
from apps.orders.permissions import OrderPermission
from apps.payments.admin.offline import HOW_MUCH, RECEIVE, RECEIVED, ReceivedForm, ReceivedIn
from apps.payments.permissions import PaymentPermission

REFUND = "checkout/admin/refund.html"


async def write_note(context: ActionContext, order: Order, form: Form) -> None:
    note(context.session, order, bind(form, NoteIn).note, actor=context.actor)


async def send_again(context: ActionContext, order: Order, form: Form) -> None:
    key = uuid5(context.key, str(order.id))
    await resend(context.session, order.id, to=bind(form, ResendIn).email, key=key, actor=context.actor)


async def send_new_codes(context: ActionContext, order: Order, form: Form) -> None:
    await renew(context.session, order.id, to=bind(form, ResendIn).email, key=context.key, actor=context.actor)


async def close_payment(db: Database, order_id: UUID, form: None) -> None:
    await stop_payment(db, order_id)


async def cancel_order(context: ActionContext, order: Order, form: None) -> None:
    await cancel_stopped(context.session, order.id, actor=context.actor)


async def refund_in_full(context: ActionContext, order: Order, form: Form) -> None:
    await _refund(context, order, msgspec.structs.replace(bind(form, RefundIn), whole=True))


async def refund_part(context: ActionContext, order: Order, form: Form) -> None:
    await _refund(context, order, bind(form, RefundIn))


async def _refund(context: ActionContext, order: Order, asked: RefundIn) -> None:
    key = f"staff:{context.key.hex}"
    await refund(context.session, order.id, scope_of(asked), key=key, reason=asked.reason, actor=context.actor)


async def receive_money(context: ActionContext, order: Order, form: Form) -> None:
    told = bind(form, ReceivedIn)
    await receive(context.session, order.id, amount=told.amount, note=told.note, actor=context.actor)


def is_to_be_received(order: Any) -> bool:
    """Staff take its money, and it has not come."""
    return bool(order.state is not OrderState.paid and order.may_be_received)


def is_delivered(order: Order) -> bool:
    return order.delivered_at is not None and order.state is OrderState.paid


def is_paid(order: Order) -> bool:
    """And nobody but us decides about the money."""
    return order.state is OrderState.paid and order.dispute is None


def is_lost(order: Order) -> bool:
    return order.state is OrderState.paid and order.dispute is OrderDispute.lost


def has_money(order: Order) -> bool:
    """Also one whose refund failed after all of it had been taken back."""
    return (
        order.dispute is None and order.state in (OrderState.paid, OrderState.refunded) and order.refunded < order.total
    )


NOTE = Action(
    name="note",
    title=_("Add note"),
    question=_("What should your colleagues know about this order? The customer does not see it."),
    done=_("The note is saved."),
    permission=OrderPermission.ORDERS_NOTE,
    run=write_note,
    form=NoteForm,
)
ACTIONS = (
    Action(
        name="receive",
        needs_proof=True,
        title=RECEIVE,
        question=HOW_MUCH,
        done=RECEIVED,
        permission=PaymentPermission.PAYMENTS_RECEIVE,
        run=receive_money,
        applies=is_to_be_received,
        form=ReceivedForm,
        is_next=True,
    ),
    Action(
        name="resend",
        title=_("Resend email"),
        question=_("Send the order email with its tickets again?"),
        done=_("The email is on its way."),
        permission=OrderPermission.ORDERS_RESEND,
        run=send_again,
        applies=is_delivered,
        needless=_("Not delivered yet, or refunded."),
        form=ResendForm,
        many=True,
    ),
    Action(
        name="renew",
        title=_("Replace codes"),
        question=_(
            "Replace the codes? The tickets' codes and the order link stop working, and new ones are emailed "
            "to the customer."
        ),
        done=_("The new codes are on their way."),
        permission=OrderPermission.ORDERS_RESEND,
        run=send_new_codes,
        applies=is_delivered,
        form=ResendForm,
        is_dangerous=True,
    ),
    Action(
        name="refund-lines",
        needs_proof=True,
        title=_("Refund items"),
        question=_("How many of each item do you want to refund? What can be sold again goes back on sale."),
        done=_("Refunded. Money that was paid is on its way."),
        permission=OrderPermission.ORDERS_REFUND,
        run=refund_part,
        applies=is_paid,
        form=RefundLinesForm,
        is_dangerous=True,
        template=REFUND,
    ),
    Action(
        name="refund-amount",
        needs_proof=True,
        title=_("Refund amount"),
        question=_("How much do you want to refund? The customer keeps everything."),
        done=_("The refund is on its way."),
        permission=OrderPermission.ORDERS_REFUND,
        run=refund_part,
        applies=has_money,
        form=RefundAmountForm,
        is_dangerous=True,
        template=REFUND,
    ),
    Action(
        name="refund",
        needs_proof=True,
        title=_("Refund in full"),
        question=_(
            "Refund this order in full? Its tickets are no longer valid, and what was not shipped stays with you."
        ),
        done=_("Refunded. Money that was paid is on its way."),
        permission=OrderPermission.ORDERS_REFUND,
        run=refund_in_full,
        applies=is_paid,
        form=RefundForm,
        is_dangerous=True,
        template=REFUND,
    ),
    Action(
        name="take-back",
        needs_proof=True,
        title=_("Take back"),
        question=_(
            "Take back everything that this order holds? Its tickets are no longer valid, and what was not shipped "
            "stays with you. Only money that the bank has not returned yet is refunded."
        ),
        done=_("Taken back. What can be sold again is on sale."),
        permission=OrderPermission.ORDERS_REFUND,
        run=refund_in_full,
        applies=is_lost,
        form=RefundForm,
        is_next=True,
        is_dangerous=True,
        template=REFUND,
    ),
    Action(
        name="cancel",
        title=_("Cancel order"),
        question=_("Cancel this order? It can no longer be paid, and what it reserves goes back on sale."),
        done=_("The order is cancelled."),
        permission=OrderPermission.ORDERS_CANCEL,
        run=cancel_order,
        before=close_payment,
        applies=lambda order: order.state is OrderState.pending,
        is_dangerous=True,
    ),
)
