"""Makes an export, one table after the other; begun anew, it ends in the same."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from apps.accounts.repositories import USERS
from apps.core.db.database import Database, now
from apps.core.jobs.long_jobs import Cancelled, LongJobState, attempt, note
from apps.core.privacy.holdings import holdings, whole
from apps.privacy.exporting.contents import PersonalData, to_json
from apps.privacy.repositories import EXPORTS, person_of
from project.settings import settings


async def make(db: Database, export_id: UUID) -> bool:
    """Whether there is one to be told of."""
    return await attempt(db, EXPORTS, export_id, partial(_make, db, export_id))


async def _make(db: Database, export_id: UUID) -> None:
    user_id = await _note(db, export_id, state=LongJobState.running, done=0)
    result = await _read(db, export_id, user_id)
    kept_until = func.clock_timestamp() + timedelta(days=settings.data_export_days)
    await _note(db, export_id, state=LongJobState.ready, result=result, expires_at=kept_until)


async def _read(db: Database, export_id: UUID, user_id: UUID) -> bytes:
    async with db.reads() as reads:
        found = await person_of(reads, user_id)
        if found is None:
            raise Cancelled
        person = await whole(reads, found)
        email = (await reads.execute(select(USERS.c.email).where(USERS.c.id == user_id))).scalar_one()
        export = PersonalData(made_at=await now(reads), band=settings.band_name, email=email, held={})
    for done, rows in enumerate(holdings(), 1):
        async with db.reads() as reads:
            export.held[rows.name] = await rows.export(reads, person)
        await _note(db, export_id, done=done)
    return to_json(export)


async def _note(db: Database, export_id: UUID, **values: Any) -> UUID:
    async with db.statements() as connection:
        return await note(connection, EXPORTS, export_id, **values)
