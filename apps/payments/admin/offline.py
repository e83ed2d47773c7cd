"""What staff do with bank transfers and cash: say that the money has come, that refunds were sent."""

from typing import Annotated, Any

from msgspec import Meta, Struct
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.forms.values import bind
from apps.core.text.i18n import lazy as _
from apps.payments.models import Payment
from apps.payments.offline import services
from apps.payments.permissions import PaymentPermission
from apps.payments.providers import offline_names
from apps.payments.providers.capabilities import MOST_MONEY
from apps.payments.repositories import PaymentRepository


class ReceivedForm(Form):
    amount = fields.Money(_("Amount"), required=True)
    note = fields.Input(
        _("Note"), required=True, help=_("Only staff see it: the date and name on the statement, or who took the cash.")
    )


class ReceivedIn(Struct):
    amount: Annotated[int, Meta(ge=1, le=MOST_MONEY)]
    note: Annotated[str, Meta(min_length=1, max_length=200)]


async def receive(context: ActionContext, payment: Payment, form: Form) -> None:
    told = bind(form, ReceivedIn)
    row = await PaymentRepository(session=context.session).find_locked(payment.id)
    await services.receive(context.session, row, amount=told.amount, note=told.note, actor=context.actor)


def has_refunds_to_send(row: Any) -> bool:
    return bool(row.provider in offline_names() and row.has_refunds_under_way)


RECEIVE, RECEIVED = _("Mark as received"), _("The payment is received.")
HOW_MUCH = _(
    "How much has arrived in your account or been paid in cash? With the whole amount the order is paid. Any "
    "other amount is noted as received and has to be sent back."
)
ACTIONS = (
    Action(
        name="receive",
        title=RECEIVE,
        question=HOW_MUCH,
        done=RECEIVED,
        permission=PaymentPermission.PAYMENTS_RECEIVE,
        run=receive,
        applies=services.may_be_received,
        form=ReceivedForm,
        needs_proof=True,
        is_next=True,
    ),
    Action(
        name="refunds-sent",
        title=_("Refunds sent"),
        question=_("Have you sent or paid out all refunds of this payment? The customer is told so."),
        done=_("The refunds are done."),
        permission=PaymentPermission.PAYMENTS_RECEIVE,
        run=locked(PaymentRepository, services.refunds_sent),
        applies=has_refunds_to_send,
        needs_proof=True,
        is_next=True,
    ),
)
