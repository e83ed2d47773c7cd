"""Makes an export, one table after the other; begun anew, it ends in the same."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, func, select, update

from apps.accounts.repositories import USERS
from apps.core.db.database import Database, now
from apps.core.db.errors import is_away
from apps.core.privacy.holdings import holdings, whole
from apps.privacy.exporting.contents import PersonalData, to_json
from apps.privacy.models import ExportState
from apps.privacy.repositories import EXPORTS, OPEN_EXPORT, person_of
from project.settings import settings

log = structlog.get_logger(__name__)


class Cancelled(Exception):
    """Somebody has cancelled it meanwhile."""


async def make(db: Database, export_id: UUID) -> bool:
    """Whether there is one to be told of. What goes wrong with it leaves it failed: they may ask again."""
    try:
        row = await _note(db, export_id, state=ExportState.running, done=0)
        result = await _read(db, export_id, row.user_id)
        kept_until = func.clock_timestamp() + timedelta(days=settings.data_export_days)
        await _note(db, export_id, state=ExportState.ready, result=result, expires_at=kept_until)
    except Cancelled:
        return False
    except Exception as error:
        if is_away(error):
            raise
        log.error("privacy.export_failed", export=str(export_id), exc_info=True)
        await _note(db, export_id, state=ExportState.failed)
        return False
    return True


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


async def _note(db: Database, export_id: UUID, **values: Any) -> Row[Any]:
    """Raises Cancelled."""
    change: Mapping[str, Any] = values
    mine = update(EXPORTS).where(EXPORTS.c.id == export_id, OPEN_EXPORT).values(change)
    async with db.statements() as connection:
        row = (await connection.execute(mine.returning(EXPORTS.c.user_id))).one_or_none()
    if row is None:
        raise Cancelled
    return row
