"""Exports of lists as they are found, and their parts. Locks go user → export."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.backoffice.exports.models import ExportFailure, ListExport, ListExportPart
from apps.core.db.database import Database
from apps.core.db.repositories import LockingRepository
from apps.core.jobs.long_jobs import LongJobState, is_open

EXPORTS, PARTS = ListExport.table(), ListExportPart.table()
MOST_SHOWN = 20


class ListExportRepository(LockingRepository[ListExport]):
    model_type = ListExport


async def newest_of(session: AsyncSession, user_id: UUID) -> Sequence[ListExport]:
    found = select(ListExport).where(ListExport.user_id == user_id).order_by(ListExport.id.desc()).limit(MOST_SHOWN)
    return (await session.scalars(found)).all()


async def open_of(session: AsyncSession, user_id: UUID) -> Sequence[ListExport]:
    found = select(ListExport).where(ListExport.user_id == user_id, is_open(EXPORTS))
    return (await session.scalars(found.order_by(ListExport.id))).all()


async def read_parts(db: Database, export_id: UUID) -> AsyncIterator[bytes]:
    """As they were kept, one statement each, so that nobody who loads slowly holds a connection."""
    mine, last = PARTS.c.export_id == export_id, -1
    while True:
        following = select(PARTS.c.number, PARTS.c.data).where(mine, PARTS.c.number > last).order_by(PARTS.c.number)
        async with db.reads() as reads:
            part = (await reads.execute(following.limit(1))).one_or_none()
        if part is None:
            return
        last = part.number
        yield part.data


async def drop_parts(connection: AsyncConnection, export_id: UUID) -> None:
    await connection.execute(delete(PARTS).where(PARTS.c.export_id == export_id))


async def drop_ended_parts(connection: AsyncConnection) -> None:
    """Of exports that nobody can read, and nobody makes any more."""
    kept = select(EXPORTS.c.id).where(is_open(EXPORTS) | (EXPORTS.c.state == LongJobState.ready))
    await connection.execute(delete(PARTS).where(PARTS.c.export_id.not_in(kept)))


async def end_all(connection: AsyncConnection) -> None:
    """Nothing that is kept or being made is read any more: somebody who may stand in it was erased."""
    kept = update(EXPORTS).where(EXPORTS.c.state == LongJobState.ready)
    await connection.execute(kept.values(state=LongJobState.expired))
    being_made = update(EXPORTS).where(EXPORTS.c.state == LongJobState.running)
    await connection.execute(being_made.values(state=LongJobState.failed, failure=ExportFailure.person_erased))
    await connection.execute(delete(PARTS))
