"""Exports and erasures as they are found and locked. Locks go user → request."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.repositories import USERS
from apps.core.db.repositories import LockingRepository
from apps.core.jobs.long_jobs import is_open
from apps.core.privacy.person import Person
from apps.privacy.models import DataExport, ErasureRequest, ErasureState

EXPORTS, ERASURES = DataExport.table(), ErasureRequest.table()
OPEN_EXPORT = is_open(EXPORTS)
OPEN_ERASURE = ERASURES.c.state.in_((ErasureState.asked, ErasureState.running))
MOST_SHOWN = 20


class ExportRepository(LockingRepository[DataExport]):
    model_type = DataExport


class ErasureRepository(LockingRepository[ErasureRequest]):
    model_type = ErasureRequest

    async def open_of(self, user_id: UUID) -> ErasureRequest | None:
        """Locked."""
        return await self.lock_one(ErasureRequest.user_id == user_id, OPEN_ERASURE)


async def person_of(connection: AsyncConnection, user_id: UUID) -> Person | None:
    """By their id and the address that they have confirmed; None when there is no such user."""
    found = select(USERS.c.email, USERS.c.email_confirmed_at).where(USERS.c.id == user_id)
    row = (await connection.execute(found)).one_or_none()
    return Person(user_id, row.email if row.email_confirmed_at else "") if row else None


async def newest_exports(session: AsyncSession, user_id: UUID) -> Sequence[DataExport]:
    found = select(DataExport).where(DataExport.user_id == user_id).order_by(DataExport.id.desc()).limit(MOST_SHOWN)
    return (await session.scalars(found)).all()


async def open_erasure(session: AsyncSession, user_id: UUID) -> ErasureRequest | None:
    found = select(ErasureRequest).where(ErasureRequest.user_id == user_id, OPEN_ERASURE)
    return (await session.scalars(found)).one_or_none()
