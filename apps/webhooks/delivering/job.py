"""The job that sends, in a lane of its own: a receiver that is slow holds up no mail and no payment."""

from uuid import UUID

from apps.core.db.database import Database
from apps.core.jobs import Lane, enqueue, job
from apps.webhooks.delivering.delivery import send_next

IN_A_ROW = 50


@job("webhooks.send", lane=Lane.webhooks)
async def send(db: Database, endpoint_id: UUID) -> None:
    """What is due at this endpoint, one after the other; another job goes on when that is much."""
    for _number in range(IN_A_ROW):
        outcome = await send_next(db, endpoint_id)
        if outcome is None:
            return
        if outcome.pause:
            async with db.begin() as session:
                await enqueue(session, send.call(endpoint_id=endpoint_id, after=outcome.pause))
    async with db.begin() as session:
        await enqueue(session, send.call(endpoint_id=endpoint_id))
