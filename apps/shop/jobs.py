"""What the clock does in the shop."""

from apps.core.db import Database
from apps.core.jobs import job
from apps.shop import publishing


@job("shop.publish_due", every="* * * * *")
async def publish_due(db: Database) -> None:
    published = publishing.AT_ONCE
    while published >= publishing.AT_ONCE:
        async with db.begin() as session:
            published = await publishing.publish_due(session)
