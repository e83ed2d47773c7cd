"""What concerts do in the background."""

from uuid import UUID

from apps.concerts.imports.file_import import ConcertImporter
from apps.core.db.database import Database
from apps.core.jobs import job
from apps.imports.services import work_on


@job("concerts.import_file")
async def import_file(db: Database, import_id: UUID) -> None:
    await work_on(db, ConcertImporter(), import_id)
