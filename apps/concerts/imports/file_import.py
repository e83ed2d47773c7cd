"""Files of concerts that staff hand over."""

from collections.abc import Mapping
from typing import Any

from apps.concerts.imports.bandsintown import Reading, read_concerts
from apps.concerts.imports.bandsintown_json import is_json
from apps.concerts.imports.importing import import_concerts
from apps.core.db.database import Database
from apps.core.importing import Keep, Tally
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

NOT_JSON = _("This is not JSON: choose the file of events as Bandsintown gave it to you.")


def refusal_of(data: bytes) -> Lazy | None:
    """Why this is no file of concerts, by its beginning."""
    return None if is_json(data) else NOT_JSON


class ConcertImporter:
    """There are no options."""

    def read(self, data: bytes, options: Mapping[str, Any]) -> Reading:
        return read_concerts(data, band=settings.band_name)

    async def load(
        self,
        db: Database,
        reading: Reading,
        options: Mapping[str, Any],
        *,
        dry_run: bool,
        begin: int,
        actor: str,
        keep: Keep,
    ) -> Tally:
        zone = settings.time_zone
        return await import_concerts(db, reading, time_zone=zone, dry_run=dry_run, begin=begin, actor=actor, keep=keep)
