"""Archiving: what was sold is never deleted. It is taken out of the lists, and can be put back."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from litestar.params import QueryParameter
from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from apps.core.audit import record
from apps.core.db.database import Archivable, now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _

Kind = TypeVar("Kind", bound=Archivable)


class InArchive(AppError):
    status = 409
    type = "archived"
    message = _("This is archived. Restore it first.")


class ArchiveFilter(StrEnum):
    """Which rows a staff list shows: those in use, those in the archive, or both."""

    in_use = "false"
    archive = "true"
    both = "all"

    def of(self, found: Select[Any], archived_at: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
        match self:
            case ArchiveFilter.in_use:
                return found.where(archived_at.is_(None))
            case ArchiveFilter.archive:
                return found.where(archived_at.is_not(None))
            case ArchiveFilter.both:
                return found


ArchiveQuery = Annotated[ArchiveFilter, QueryParameter(name="archived", description="false, true, or all.")]


async def archive(session: AsyncSession, row: Any, *, action: str, actor: str) -> None:
    """Out of the lists; a second time changes nothing. `action` is for the audit log: "shop.archive_product"."""
    await archive_all(session, [row], action=action, actor=actor)


async def archive_all(session: AsyncSession, rows: Iterable[Any], *, action: str, actor: str) -> None:
    """The same for several, in as many statements as for one."""
    in_use = [row for row in rows if row.archived_at is None]
    if not in_use:
        return
    moment = await now(session)
    for row in in_use:
        row.archived_at = moment
        record(session, action, row, actor=actor, after={"archived": True})
    await session.flush()


async def restore(session: AsyncSession, row: Any, *, action: str, actor: str) -> None:
    """Back into the lists; a second time changes nothing."""
    await restore_all(session, [row], action=action, actor=actor)


async def restore_all(session: AsyncSession, rows: Iterable[Any], *, action: str, actor: str) -> None:
    """The same for several, in as many statements as for one."""
    for row in rows:
        if row.archived_at is not None:
            row.archived_at = None
            record(session, action, row, actor=actor, before={"archived": True})
    await session.flush()


def refuse_archived(row: Archivable) -> None:
    if row.archived_at is not None:
        raise InArchive


async def choosable(session: AsyncSession, kind: type[Kind], id: UUID, *, kept: UUID | None) -> Kind | None:
    """What a row is to belong to: `Venue`. It is not archived by others until the transaction ends.

    None when there is no such thing, or it is in the archive; the one that was chosen before, `kept`, may stay.
    """
    row = await session.get(kind, id, with_for_update={"read": True})
    return None if row is None or (row.archived_at and id != kept) else row
