"""Pictures in the background."""

from uuid import UUID

from apps.core.db import Database
from apps.core.jobs import job
from apps.media.render import render


@job("media.render_image")
async def render_image(db: Database, image_id: UUID) -> None:
    await render(db, image_id)
