"""What does not agree with the providers' lists, on the first screen of the back office."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.payments.reconciliation.differences import IS_OPEN
from apps.payments.reconciliation.models import Difference

QUESTIONS = (
    Question(
        rank=31,
        title=_("Differences between the books and the providers"),
        found=select(Difference.id).where(IS_OPEN),
        view="difference",
        query={"state": "open"},
    ),
)
