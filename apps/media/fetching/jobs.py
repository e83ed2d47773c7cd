"""Jobs that fetch remote pictures."""

from apps.core.db.database import Database
from apps.core.jobs import enqueue, job
from apps.media.fetching.fetches import fetch_some


@job("media.fetch_pictures", every="* * * * *")
async def fetch_pictures(db: Database) -> None:
    """A few of them at a time, so that a worker that is stopped is not kept; the next job takes the next ones."""
    if await fetch_some(db):
        async with db.begin() as session:
            await enqueue(session, fetch_pictures.call())
