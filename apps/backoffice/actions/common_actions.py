"""Actions that most views have: archive, restore, delete."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from apps.accounts.permissions import Permission
from apps.backoffice.actions.action import Action, ActionContext, Run, RunTogether
from apps.core.db.repositories import LockingRepository
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

IN_ARCHIVE = _("Archived.")
Service = Callable[..., Awaitable[Any]]


def locked(repository: type[LockingRepository[Any]], service: Service) -> Run:
    """An action that is one call of a service, under the row's lock."""
    return _locked(repository, lambda context, row: service(context.session, row, actor=context.actor))


def locked_by_person(repository: type[LockingRepository[Any]], service: Service) -> Run:
    """The same for a service that asks what the person may do."""
    return _locked(repository, lambda context, row: service(context.session, row, by=context.current_user))


def _locked(repository: type[LockingRepository[Any]], serve: Callable[[ActionContext, Any], Awaitable[Any]]) -> Run:
    async def run(context: ActionContext, row: Any, form: None) -> None:
        await serve(context, await repository(session=context.session).find_locked(row.id))

    return run


def locked_together(repository: type[LockingRepository[Any]], service: Service) -> RunTogether:
    """An action with many rows that is one call of a service, under all their locks."""

    async def run(context: ActionContext, rows: Sequence[Any], form: None) -> Collection[UUID]:
        ids = {row.id for row in rows}
        found = await repository(session=context.session).lock_all(ids)
        await service(context.session, found, actor=context.actor)
        return ids.difference(row.id for row in found)

    return run


def archiving(run: Run, question: Lazy, *, permission: Permission, run_together: RunTogether | None = None) -> Action:
    return Action(
        name="archive",
        title=_("Archive"),
        question=question,
        done=_("Archived."),
        permission=permission,
        run=run,
        run_together=run_together,
        applies=lambda row: row.archived_at is None,
        needless=_("Already archived."),
        many=True,
        is_dangerous=True,
    )


def restoring(run: Run, *, permission: Permission, run_together: RunTogether | None = None) -> Action:
    return Action(
        name="restore",
        title=_("Restore"),
        question=_("Restore this from the archive?"),
        done=_("Restored."),
        permission=permission,
        run=run,
        run_together=run_together,
        applies=lambda row: row.archived_at is not None,
        needless=_("Not archived."),
        many=True,
    )


def deleting(
    run: Run, question: Lazy, *, permission: Permission, applies: Callable[[Any], bool] = lambda row: True
) -> Action:
    return Action(
        name="delete",
        title=_("Delete"),
        question=question,
        done=_("Deleted."),
        permission=permission,
        run=run,
        applies=applies,
        is_dangerous=True,
        ends_row=True,
    )
