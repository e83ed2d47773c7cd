"""Invoices on the first screen of the back office: what waits for one too long."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.invoices.models import InvoiceRequest
from apps.invoices.repositories import WAITS_LONG

QUESTIONS = (
    Question(
        rank=35,
        title=_("Orders that have waited for an invoice for more than an hour"),
        found=select(InvoiceRequest.order_id).where(WAITS_LONG).distinct(),
        view="order",
        query={"invoice": "waiting"},
        besides=("invoice",),
    ),
)
