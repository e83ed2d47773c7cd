"""What payments hold about a person: found by the orders that they belong to. Amounts, dates and states stay."""

from sqlalchemy import and_, or_, select

from apps.core.privacy.holdings import OpenMatter, Rows
from apps.core.text.i18n import lazy as _
from apps.payments.models import Discrepancy, Dispute, PaymentState, RefundState, WebhookEvent
from apps.payments.repositories import PAYMENTS, REFUNDS

DISCREPANCIES, DISPUTES, EVENTS = Discrepancy.table(), Dispute.table(), WebhookEvent.table()
FOR_THE_BOOKS = "the books are compared with the provider's by it"

HELD = (
    Rows(
        table=PAYMENTS,
        title=_("Payments"),
        theirs=lambda person: person.has(PAYMENTS.c.owner_id),
        hidden=("pay_url",),
        leads_to=("id",),
        words=("id", "reference", "charge_reference"),
        erased={"pay_url": None},
        kept={"reference": FOR_THE_BOOKS, "charge_reference": FOR_THE_BOOKS, "provider": "a word of ours"},
    ),
    Rows(
        table=REFUNDS,
        title=_("Refunds"),
        theirs=lambda person: person.has(REFUNDS.c.payment_id),
        leads_to=("id",),
        words=("id", "reference"),
        erased={"reason": ""},
        kept={"reference": FOR_THE_BOOKS, "key": "keeps money from going back twice; ids alone"},
    ),
    Rows(
        table=DISCREPANCIES,
        title=_("Payments that do not agree with the books"),
        theirs=lambda person: person.has(DISCREPANCIES.c.payment_id),
        leads_to=("id",),
        erased={},
    ),
    Rows(
        table=DISPUTES,
        title=_("Disputed payments"),
        theirs=lambda person: person.has(DISPUTES.c.payment_id),
        words=("reference",),
        erased={},
        kept={"reference": FOR_THE_BOOKS, "reason": "a word of the bank's"},
    ),
    Rows(
        table=EVENTS,
        title=_("What payment providers reported"),
        theirs=lambda person: or_(person.is_named_in(EVENTS.c.payload), person.is_named_in(EVENTS.c.body)),
        erased={"payload": {}, "body": None, "detail": ""},
        kept={"provider": "a word of ours", "event_id": "keeps a report from being applied twice"},
    ),
)
OPEN = (
    OpenMatter(
        _("Money is still on its way."),
        lambda person: or_(
            select(PAYMENTS.c.id)
            .where(
                person.has(PAYMENTS.c.owner_id),
                and_(PAYMENTS.c.state == PaymentState.confirmed, PAYMENTS.c.settled_at.is_(None)),
            )
            .exists(),
            select(REFUNDS.c.id)
            .where(person.has(REFUNDS.c.payment_id), REFUNDS.c.state.in_((RefundState.created, RefundState.in_transit)))
            .exists(),
        ),
    ),
)
