"""“Needs attention” on the first screen: orders to ship, tickets to refund, failed payments and jobs.

Each is counted as far as people count, from the end of an index; what is not there is not told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.backoffice.home import Question
from apps.backoffice.lists.pages import counted
from apps.backoffice.urls import list_url
from apps.core.jobs.processes import work
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


@dataclass(frozen=True, slots=True)
class PendingWork:
    """`number` stops at COUNTED + 1, None has none; `url` is the list of them, `since` when the oldest came."""

    title: Lazy
    number: int | None
    url: str
    since: datetime | None = None


async def waiting_for(session: AsyncSession, questions: Sequence[Question]) -> list[PendingWork]:
    """One query; what is not there is not told."""
    if not questions:
        return []
    asked = [column for each in questions for column in (counted(each.found), each.oldest)]
    answers = (await session.execute(select(*asked))).one()
    numbers = zip(questions, answers[::2], answers[1::2], strict=True)
    return [PendingWork(each.title, number, each.url, since) for each, number, since in numbers if number]


async def workers_missing(session: AsyncSession) -> list[PendingWork]:
    """One query."""
    title = _("No worker is running: orders are not delivered and emails are not sent")
    return [] if (await work(session)).has_worker else [PendingWork(title, None, list_url("stuck-job", state="late"))]
