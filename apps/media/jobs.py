"""Pictures in the background."""

from uuid import UUID

from apps.core.db.database import Database
from apps.core.jobs import job
from apps.media.render import render
from apps.media.sweep import sweep


@job("media.render_image")
async def render_image(db: Database, image_id: UUID) -> None:
    await render(db, image_id)


@job("media.sweep", every="53 3 * * *")
async def sweep_pictures(db: Database) -> None:
    await sweep(db)
