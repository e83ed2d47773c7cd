"""Sending again what was delivered or given up: one by one, or all that was given up since a time."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.db.database import now
from apps.core.db.keyset import first_id
from apps.core.jobs import enqueue
from apps.webhooks.delivering.delivery import refuse_disabled
from apps.webhooks.delivering.job import send
from apps.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from apps.webhooks.repositories import DELIVERIES, DeliveryRepository, EndpointRepository


async def send_again(session: AsyncSession, delivery: WebhookDelivery, *, actor: str) -> None:
    """At once, and as often as at first; one that waits is tried at once. Raises InArchive, WebhookDisabled."""
    endpoint = await EndpointRepository(session=session).lock(delivery.endpoint_id)
    refuse_disabled(endpoint)
    delivery = await DeliveryRepository(session=session).lock(delivery.id)
    delivery.move(DeliveryState.waiting)
    delivery.tries, delivery.first_try_at, delivery.try_at = 0, None, await now(session)
    await session.flush()
    record(session, "webhooks.send_again", endpoint, actor=actor, after={"delivery": str(delivery.id)})
    await enqueue(session, send.call(endpoint_id=endpoint.id))


async def send_failed_again(session: AsyncSession, endpoint: WebhookEndpoint, *, since: datetime, actor: str) -> int:
    """All that happened `since` then and was given up; how many. The endpoint is locked.

    Raises InArchive, WebhookDisabled.
    """
    refuse_disabled(endpoint)
    failed = (
        DELIVERIES.c.endpoint_id == endpoint.id,
        DELIVERIES.c.state == DeliveryState.failed,
        DELIVERIES.c.created_at >= since,
        DELIVERIES.c.id >= first_id(since - timedelta(days=1)),
    )
    again = {"state": DeliveryState.waiting, "tries": 0, "first_try_at": None, "try_at": await now(session)}
    number = (await (await session.connection()).execute(update(DELIVERIES).where(*failed).values(again))).rowcount
    if number:
        after = {"since": since.isoformat(), "deliveries": number}
        record(session, "webhooks.send_failed_again", endpoint, actor=actor, after=after)
        await enqueue(session, send.call(endpoint_id=endpoint.id))
    return number
