"""Exports of lists in the background."""

from uuid import UUID

from apps.backoffice.exports.making import make
from apps.backoffice.exports.repositories import EXPORTS, drop_ended_parts
from apps.core.db.database import Database
from apps.core.jobs import job
from apps.core.jobs.long_jobs import expire


@job("backoffice.make_export")
async def make_export(db: Database, *, export_id: UUID) -> None:
    await make(db, export_id)


@job("backoffice.forget_exports", every="23 * * * *")
async def forget_exports(db: Database) -> None:
    """After LIST_EXPORT_DAYS the row stays, without its lines."""
    async with db.transaction() as connection:
        await expire(connection, EXPORTS)
        await drop_ended_parts(connection)
