"""Returns on the first screen of the back office: what somebody has to see to."""

from sqlalchemy import func, select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.shop.withdrawals.models import WAITING
from apps.shop.withdrawals.repositories import WITHDRAWALS

IS_WAITING = WITHDRAWALS.c.state.in_(WAITING)
QUESTIONS = (
    Question(
        rank=12,
        title=_("Returns to see to"),
        found=select(WITHDRAWALS.c.id).where(IS_WAITING),
        view="withdrawal",
        query={"state": "waiting"},
        oldest=select(func.min(WITHDRAWALS.c.created_at)).where(IS_WAITING).scalar_subquery(),
    ),
)
