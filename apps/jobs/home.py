"""Jobs on the first screen of the back office."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.jobs.models import IS_FAILED, IS_LATE, QUEUE

QUESTIONS = (
    Question(
        rank=70,
        title=_("Failed jobs"),
        found=select(QUEUE.c.id).where(IS_FAILED),
        view="stuck-job",
        query={"state": "failed"},
    ),
    Question(
        rank=71,
        title=_("Jobs waiting too long"),
        found=select(QUEUE.c.id).where(IS_LATE),
        view="stuck-job",
        query={"state": "late"},
    ),
)
