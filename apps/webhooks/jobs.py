"""What webhooks do in the background."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from apps.core.db.database import Database
from apps.core.db.keyset import first_id
from apps.core.jobs import enqueue, job
from apps.webhooks.delivering.delivery import due_endpoints
from apps.webhooks.delivering.job import send
from apps.webhooks.recording import listening
from apps.webhooks.repositories import MESSAGES
from project.settings import settings

KEPT = timedelta(days=settings.webhook_days)
AT_ONCE = 5000
HEARD = listening.hear
"""From here on the apps below are heard."""


@job("webhooks.send_due", every="* * * * *")
async def send_due(db: Database) -> None:
    """What nobody sends: whoever had it was killed, or its job is lost."""
    async with db.begin() as session:
        endpoints = (await session.scalars(due_endpoints())).all()
        await enqueue(session, *(send.call(endpoint_id=id, dedupe_key=f"webhooks.send:{id}") for id in endpoints))


@job("webhooks.forget", every="47 3 * * *")
async def forget(db: Database) -> None:
    """Events of long ago, with their deliveries and attempts; nothing waits for longer than three days."""
    deleted = AT_ONCE
    while deleted >= AT_ONCE:
        async with db.transaction() as connection:
            moment = (await connection.execute(select(func.now() - KEPT))).scalar_one()
            old = select(MESSAGES.c.id).where(MESSAGES.c.id < first_id(moment)).limit(AT_ONCE)
            deleted = (await connection.execute(delete(MESSAGES).where(MESSAGES.c.id.in_(old)))).rowcount
