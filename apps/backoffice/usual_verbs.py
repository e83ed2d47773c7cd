"""Verbs that most kinds of things have: into the archive and back, and gone for good."""

from collections.abc import Awaitable, Callable
from typing import Any

from apps.accounts.permissions import Permission
from apps.backoffice.verbs import Run, Verb, Work
from apps.core.i18n import Lazy
from apps.core.i18n import lazy as _
from apps.core.repositories import LockingRepository

Service = Callable[..., Awaitable[Any]]


def locked(repository: type[LockingRepository[Any]], service: Service) -> Run:
    """A verb that is one call of a service, under the row's lock."""

    async def run(work: Work, row: Any, form: None) -> None:
        found = await repository(session=work.session).find_locked(row.id)
        await service(work.session, found, actor=work.actor)

    return run


def archiving(run: Run, question: Lazy, *, permission: Permission) -> Verb:
    return Verb(
        name="archive",
        title=_("Archive"),
        question=question,
        done=_("It is in the archive."),
        permission=permission,
        run=run,
        applies=lambda row: row.archived_at is None,
        many=True,
        is_dangerous=True,
    )


def restoring(run: Run, *, permission: Permission) -> Verb:
    return Verb(
        name="restore",
        title=_("Restore"),
        question=_("Shall this come back from the archive?"),
        done=_("It is back."),
        permission=permission,
        run=run,
        applies=lambda row: row.archived_at is not None,
        many=True,
    )


def deleting(
    run: Run, question: Lazy, *, permission: Permission, applies: Callable[[Any], bool] = lambda row: True
) -> Verb:
    return Verb(
        name="delete",
        title=_("Delete"),
        question=question,
        done=_("It is gone."),
        permission=permission,
        run=run,
        applies=applies,
        is_dangerous=True,
        ends_row=True,
    )
