"""Scheduled jobs of file imports."""

from apps.core.db.database import Database
from apps.core.jobs import job
from apps.imports.services import forget_old_files


@job("imports.forget_old_files", every="37 3 * * *")
async def forget(db: Database) -> None:
    await forget_old_files(db)
