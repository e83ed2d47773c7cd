"""Background jobs in the back office: what failed for good, and what waits too long."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, and_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.actions.action import Action, ActionContext, Run
from apps.backoffice.formats import NOTHING
from apps.backoffice.lists.filters import Choice
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from apps.jobs.models import StuckJob
from apps.jobs.permissions import JobPermission
from apps.jobs.queue import arguments_of, give_up, last_failures, try_again

FAILED, LATE = _("Failed"), _("Waiting too long")
LONGEST_LINE = 140


def state(row: StuckJob, name: str, request: Request) -> Markup:
    kind, told = ("failed", FAILED) if row.is_failed else ("pending", LATE)
    return Markup('<span class="badge state-{}">{}</span>').format(kind, told.in_locale(locale_of(request)))


def reason(row: Any, name: str, request: Request) -> str:
    """In one line."""
    line = " ".join(_said(row.failure).split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _said(failure: Mapping[str, Any]) -> str:
    """A try that is followed by another has its reason beside the error that asks for that."""
    if asked := (failure.get("additional_context") or {}).get("reason"):
        return str(asked)
    return f"{failure['exception_type']}: {failure['exception_message']}" if failure else NOTHING


def arguments(row: StuckJob, name: str, request: Request) -> str:
    return arguments_of(row) or NOTHING


def traceback(row: Any, name: str, request: Request) -> Any:
    text = row.failure.get("traceback")
    return Markup('<pre class="scroll">{}</pre>').format(text) if text else NOTHING


def by(service: Callable[..., Awaitable[None]]) -> Run:
    async def run(context: ActionContext, job: StuckJob, form: None) -> None:
        await service(context.session, job, actor=context.actor)

    return run


class StuckJobAdmin(View, model=StuckJob):
    name, name_plural, group = _("Background job"), _("Background jobs"), _("System")
    menu_place = 90
    permissions = {Access.LIST: JobPermission.JOBS_VIEW, Access.DETAILS: JobPermission.JOBS_VIEW}
    column_list = ["name", "state", "reason", "tries", "created_at", "changed_at"]
    column_details_list = ["name", "state", "tries", "created_at", "changed_at", "arguments", "reason", "traceback"]
    column_labels = {
        "name": _("Job"),
        "state": _("Status"),
        "reason": _("Error"),
        "tries": _("Failed attempts"),
        "created_at": _("Requested at"),
        "changed_at": _("Last changed"),
        "arguments": _("Arguments"),
        "traceback": _("Technical details"),
    }
    column_formatters = {"state": state, "reason": reason, "arguments": arguments, "traceback": traceback}
    sorts = {"created_at": Sort(StuckJob.number, int, is_descending=True)}
    filters = (
        Choice(
            "state",
            _("Status"),
            {"failed": (FAILED, and_(StuckJob.is_failed)), "late": (LATE, ~StuckJob.is_failed)},
        ),
    )
    search_help = _("Job name")
    empty = _("No failed jobs.")
    actions = (
        Action(
            name="retry",
            title=_("Try again"),
            question=_("Try this job again now?"),
            done=_("The job is in the queue again."),
            is_next=True,
            permission=JobPermission.JOBS_RETRY,
            run=by(try_again),
            applies=lambda job: job.is_failed,
            needless=_("This job has not failed. It is waiting its turn."),
            many=True,
            ends_row=True,
        ),
        Action(
            name="give-up",
            title=_("Cancel job"),
            question=_("Cancel this job? What it should have sent or settled is not done."),
            done=_("Deleted."),
            permission=JobPermission.JOBS_GIVE_UP,
            run=by(give_up),
            applies=lambda job: job.is_failed,
            needless=_("This job has not failed. It is waiting its turn."),
            many=True,
            is_dangerous=True,
            ends_row=True,
        ),
    )

    def label(self, row: StuckJob) -> str:
        return f"{row.name} · {row.number}"

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(contain(words, StuckJob.name))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        failures = await last_failures(session, [row.number for row in rows])
        for row in rows:
            row.failure = failures.get(row.number, {})
