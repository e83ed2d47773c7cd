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
    return _locked(repository, lambda work, row: service(work.session, row, actor=work.actor))


def locked_by_person(repository: type[LockingRepository[Any]], service: Service) -> Run:
    """The same for a service that asks what the person may do."""
    return _locked(repository, lambda work, row: service(work.session, row, by=work.person))


def _locked(repository: type[LockingRepository[Any]], serve: Callable[[Work, Any], Awaitable[Any]]) -> Run:
    async def run(work: Work, row: Any, form: None) -> None:
        await serve(work, await repository(session=work.session).find_locked(row.id))

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
