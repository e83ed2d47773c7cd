"""Payments on the first screen of the back office: what went wrong with them, and what providers said of them."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.payments.attention import (
    HAS_DISCREPANCY,
    HAS_FAILED,
    IS_DISPUTED,
    IS_PARKED,
    IS_SILENT,
    IS_TO_BE_SENT,
    REFUND_FAILED_LATELY,
    WAITS_FOR_ORDER,
)
from apps.payments.models import Payment, WebhookEvent

ATTENTION = (
    ("failed", _("Failed payments"), HAS_FAILED),
    ("silent", _("Payments without an answer"), IS_SILENT),
    ("unsettled", _("Payments received, orders not settled"), WAITS_FOR_ORDER),
    ("discrepancy", _("Payments with a different amount at the provider"), HAS_DISCREPANCY),
    ("disputed", _("Payments that customers dispute"), IS_DISPUTED),
    ("transfer", _("Refunds to be sent or paid out"), IS_TO_BE_SENT),
    ("refund", _("Failed refunds in the last 14 days"), REFUND_FAILED_LATELY),
)
"""By the choice in the list of payments."""
QUESTIONS = (
    *(
        Question(
            rank=30,
            title=title,
            found=select(Payment.id).where(condition),
            view="payment",
            query={"attention": choice},
        )
        for choice, title, condition in ATTENTION
    ),
    Question(
        rank=60,
        title=_("Provider reports that could not be processed"),
        found=select(WebhookEvent.id).where(IS_PARKED),
        view="webhook-event",
        query={"state": "waiting"},
    ),
)
