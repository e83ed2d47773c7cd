"""manage.py import-concerts"""

import asyncio
from pathlib import Path

import click

from apps.concerts.imports.bandsintown import read_concerts
from apps.concerts.imports.importing import import_concerts
from apps.core.import_console import conclude, progress
from apps.core.importing import Tally
from project.database import opened_database
from project.settings import settings


@click.command("import-concerts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--strict", is_flag=True, help="Write nothing when an event is bad.")
def import_concerts_command(file: Path, dry_run: bool, strict: bool) -> None:
    """Import concerts from Bandsintown's events JSON, as announced. Running it again changes nothing."""
    tally = asyncio.run(_run(file.read_bytes(), dry_run=dry_run, strict=strict))
    conclude(tally, what="Concerts", dry_run=dry_run, strict=strict)


async def _run(data: bytes, *, dry_run: bool, strict: bool) -> Tally:
    reading = read_concerts(data, band=settings.band_name)
    async with opened_database() as db:
        with progress(len(reading.concerts), "Concerts") as on_progress:
            return await import_concerts(
                db,
                reading,
                time_zone=settings.time_zone,
                dry_run=dry_run or (strict and bool(reading.problems)),
                on_progress=on_progress,
            )
