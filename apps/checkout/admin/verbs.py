"""What can be done with an order, each by the service that the API has too."""

from uuid import UUID, uuid5

import msgspec
from wtforms import Form

from apps.backoffice.actions.action import Verb, Work
from apps.backoffice.forms.values import wanted
from apps.checkout.admin.forms import (
    NoteForm,
    NoteIn,
    RefundAmountForm,
    RefundForm,
    RefundLinesForm,
    ResendForm,
    ResendIn,
)
from apps.checkout.amend import note
from apps.checkout.paying.end import cancel_stopped, stop_payment
from apps.checkout.permissions import OrderPermission
from apps.checkout.refund import refund
from apps.checkout.resend import renew, resend
from apps.checkout.staff import part_of
from apps.checkout.staff_schemas import RefundIn
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _
from apps.orders.kinds import fulfilments
from apps.orders.models import Order, OrderState

REFUND = "checkout/admin/refund.html"


async def write_note(work: Work, order: Order, form: Form) -> None:
    note(work.session, order, wanted(form, NoteIn).note, actor=work.actor)


async def send_again(work: Work, order: Order, form: Form) -> None:
    key = uuid5(work.key, str(order.id))
    await resend(work.session, order.id, to=wanted(form, ResendIn).email, key=key, actor=work.actor)


async def send_new_codes(work: Work, order: Order, form: Form) -> None:
    await renew(work.session, order.id, to=wanted(form, ResendIn).email, key=work.key, actor=work.actor)


async def close_payment(db: Database, order_id: UUID, form: None) -> None:
    await stop_payment(db, order_id)


async def call_off(work: Work, order: Order, form: None) -> None:
    await cancel_stopped(work.session, order.id, actor=work.actor)


async def give_back_all(work: Work, order: Order, form: Form) -> None:
    await _give_back(work, order, msgspec.structs.replace(wanted(form, RefundIn), whole=True))


async def give_back_part(work: Work, order: Order, form: Form) -> None:
    await _give_back(work, order, wanted(form, RefundIn))


async def _give_back(work: Work, order: Order, asked: RefundIn) -> None:
    key = f"staff:{work.key.hex}"
    await refund(work.session, order.id, part_of(asked), key=key, reason=asked.reason, actor=work.actor)


def is_delivered(order: Order) -> bool:
    return order.delivered_at is not None and order.state is OrderState.paid


def has_money(order: Order) -> bool:
    """Also one whose refund failed after all of it had been taken back."""
    return order.state in (OrderState.paid, OrderState.refunded) and order.refunded < order.total


VERBS = (
    Verb(
        name="note",
        title=_("Add note"),
        question=_("What should the others know about this order? The buyer does not see it."),
        done=_("The note is saved."),
        permission=OrderPermission.ORDERS_NOTE,
        run=write_note,
        form=NoteForm,
    ),
    *(verb for kind in fulfilments() for verb in kind.extension.verbs),
    Verb(
        name="resend",
        title=_("Resend mail"),
        question=_("Send the order's mail, with its tickets, once more?"),
        done=_("The mail is on its way."),
        permission=OrderPermission.ORDERS_RESEND,
        run=send_again,
        applies=is_delivered,
        needless=_("It has not been delivered, or it was refunded."),
        form=ResendForm,
        many=True,
    ),
    Verb(
        name="renew",
        title=_("Replace codes"),
        question=_(
            "Are the tickets in the wrong hands? Codes and link of the order stop working, and new ones are mailed."
        ),
        done=_("The new codes are on their way."),
        permission=OrderPermission.ORDERS_RESEND,
        run=send_new_codes,
        applies=is_delivered,
        form=ResendForm,
        is_dangerous=True,
    ),
    Verb(
        name="refund-lines",
        title=_("Refund pieces"),
        question=_("How many pieces of each line are refunded? What can be sold again goes back on sale."),
        done=_("Refunded. Money that was paid is on its way."),
        permission=OrderPermission.ORDERS_REFUND,
        run=give_back_part,
        applies=lambda order: order.state is OrderState.paid,
        form=RefundLinesForm,
        is_dangerous=True,
        template=REFUND,
    ),
    Verb(
        name="refund-amount",
        title=_("Refund amount"),
        question=_("How much is refunded? The buyer keeps everything."),
        done=_("The refund is on its way."),
        permission=OrderPermission.ORDERS_REFUND,
        run=give_back_part,
        applies=has_money,
        form=RefundAmountForm,
        is_dangerous=True,
        template=REFUND,
    ),
    Verb(
        name="refund",
        title=_("Refund everything"),
        question=_("Refund all that is left? Tickets are no longer valid, and what was not shipped stays here."),
        done=_("Refunded. Money that was paid is on its way."),
        permission=OrderPermission.ORDERS_REFUND,
        run=give_back_all,
        applies=lambda order: order.state is OrderState.paid,
        form=RefundForm,
        is_dangerous=True,
        template=REFUND,
    ),
    Verb(
        name="cancel",
        title=_("Cancel order"),
        question=_("Cancel this order? Nobody can pay it any more, and what it holds goes back on sale."),
        done=_("The order is cancelled."),
        permission=OrderPermission.ORDERS_CANCEL,
        run=call_off,
        before=close_payment,
        applies=lambda order: order.state is OrderState.pending,
        is_dangerous=True,
    ),
)
