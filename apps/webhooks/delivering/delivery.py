"""Sending what is due: claimed, sent without any lock, and noted. Who is killed in between sends it again.

The rows are the queue. A claim takes the endpoint's lock for a moment, so that no more than `AT_ONCE` are under way to
it, and of one thing the next is sent only when the one before is delivered or given up.
"""

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, Select, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from apps.core.audit import SYSTEM, record
from apps.core.db.archive import refuse_archived
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.webhooks.delivering.disabled_mail import tell_staff
from apps.webhooks.delivering.post import Answer, post
from apps.webhooks.delivering.signing import secret_of, signatures
from apps.webhooks.models import (
    DeliveryState,
    Disabled,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from apps.webhooks.repositories import DELIVERIES, ENDPOINTS, MESSAGES, DeliveryRepository, EndpointRepository

AT_ONCE = 4
"""Requests under way to one endpoint."""
CLAIM = timedelta(seconds=45)
"""Longer than any request takes."""
FIRST_PAUSE, LONGEST_PAUSE, FACTOR = timedelta(seconds=5), timedelta(hours=8), 3
JITTER = 0.2
PATIENCE = timedelta(days=3)
"""How long a delivery is tried, and an endpoint may fail."""
NO_SECRET = Answer(0, error="no-secret")
CLOCK = func.clock_timestamp()


class WebhookDisabled(AppError):
    status = 409
    type = "webhook-disabled"
    message = _("This webhook is disabled. Enable it first.")


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is sent, and by which secrets it is signed."""

    id: UUID
    message_id: UUID
    url: str
    body: bytes
    secrets: list[bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`pause`: until it is tried again."""

    pause: timedelta | None = None


async def send_next(db: Database, endpoint_id: UUID) -> Outcome | None:
    """None when nothing is due, or enough is under way: whoever sends that goes on with the rest."""
    async with db.reads() as connection:
        if not await connection.scalar(select(_under_way(endpoint_id) < AT_ONCE)):
            return None
    claimed = await _claim(db, endpoint_id)
    if claimed is None:
        return None
    answer = await _send(claimed) if claimed.secrets else NO_SECRET
    return await _note(db, endpoint_id, claimed.id, answer)


async def _claim(db: Database, endpoint_id: UUID) -> Claimed | None:
    async with db.begin() as session:
        endpoint = await EndpointRepository(session=session).lock_one(WebhookEndpoint.id == endpoint_id)
        if endpoint is None or not endpoint.enabled or endpoint.archived_at:
            return None
        row = (await (await session.connection()).execute(_claim_next(endpoint_id))).one_or_none()
        if row is None:
            return None
        return Claimed(row.id, row.message_id, endpoint.url, row.body.encode(), _secrets(endpoint, row.moment))


def _claim_next(endpoint_id: UUID) -> ReturningUpdate[Any]:
    body = select(MESSAGES.c.body).where(MESSAGES.c.id == DELIVERIES.c.message_id).scalar_subquery()
    facts = {
        "claimed_until": CLOCK + CLAIM,
        "tries": DELIVERIES.c.tries + 1,
        "first_try_at": func.coalesce(DELIVERIES.c.first_try_at, CLOCK),
    }
    claim = update(DELIVERIES).where(DELIVERIES.c.id == _next(endpoint_id)).values(facts)
    return claim.returning(DELIVERIES.c.id, DELIVERIES.c.message_id, body.label("body"), CLOCK.label("moment"))


def _next(endpoint_id: UUID) -> ScalarSelect[UUID]:
    """By the index of what is due; the first of each thing is one probe of the other index."""
    due, first = DELIVERIES.alias("due"), DELIVERIES.alias("first")
    first_of_thing = (
        select(func.min(first.c.position))
        .where(
            first.c.endpoint_id == due.c.endpoint_id,
            first.c.thing == due.c.thing,
            first.c.state == DeliveryState.waiting,
        )
        .scalar_subquery()
    )
    free = select(due.c.id).where(
        due.c.endpoint_id == endpoint_id,
        _is_due(due),
        due.c.position == first_of_thing,
        _under_way(endpoint_id) < AT_ONCE,
    )
    return free.order_by(due.c.try_at, due.c.position).limit(1).scalar_subquery()


def _under_way(endpoint_id: UUID) -> ScalarSelect[int]:
    busy = DELIVERIES.alias("busy")
    claimed = select(func.count()).where(
        busy.c.endpoint_id == endpoint_id, busy.c.state == DeliveryState.waiting, busy.c.claimed_until > func.now()
    )
    return claimed.scalar_subquery()


def _is_due(delivery: FromClause) -> ColumnElement[bool]:
    is_free = or_(delivery.c.claimed_until.is_(None), delivery.c.claimed_until <= func.now())
    return and_(delivery.c.state == DeliveryState.waiting, delivery.c.try_at <= func.now(), is_free)


def due_endpoints() -> Select[tuple[UUID]]:
    """Endpoints with something that is due."""
    is_due = exists().where(DELIVERIES.c.endpoint_id == ENDPOINTS.c.id, _is_due(DELIVERIES))
    return select(ENDPOINTS.c.id).where(ENDPOINTS.c.disabled.is_(None), ENDPOINTS.c.archived_at.is_(None), is_due)


def _secrets(endpoint: WebhookEndpoint, moment: datetime) -> list[bytes]:
    """The new one first."""
    pairs = [(endpoint.nonce, endpoint.key_id)]
    if endpoint.former_until and endpoint.former_until > moment and endpoint.former_nonce and endpoint.former_key_id:
        pairs.append((endpoint.former_nonce, endpoint.former_key_id))
    return [secret for pair in pairs if (secret := secret_of(endpoint.id, *pair))]


async def _send(claimed: Claimed) -> Answer:
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Backline-Webhooks",
        "Accept-Encoding": "identity",
        "webhook-id": str(claimed.message_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(claimed.secrets, id=claimed.message_id, timestamp=timestamp, body=claimed.body),
    }
    return await post(claimed.url, claimed.body, headers)


async def _note(db: Database, endpoint_id: UUID, delivery_id: UUID, answer: Answer) -> Outcome:
    async with db.begin() as session:
        endpoint = await EndpointRepository(session=session).lock(endpoint_id)
        delivery = await DeliveryRepository(session=session).lock(delivery_id)
        facts = {"milliseconds": answer.milliseconds, "status": answer.status, "error": answer.error}
        session.add(WebhookAttempt(delivery_id=delivery.id, answer=answer.head, **facts))
        if delivery.state is not DeliveryState.waiting and not answer.is_success:
            return Outcome()  # it took so long that another has sent it, or given it up
        moment = await now(session)
        delivery.claimed_until, delivery.status, delivery.error = None, answer.status, answer.error
        if answer.is_success:
            delivery.move(DeliveryState.delivered)
            endpoint.failing_since = None
            return Outcome()
        return await _note_failure(session, endpoint, delivery, answer, moment)


async def _note_failure(
    session: AsyncSession, endpoint: WebhookEndpoint, delivery: WebhookDelivery, answer: Answer, moment: datetime
) -> Outcome:
    endpoint.failing_since = endpoint.failing_since or moment
    if answer.is_gone or endpoint.failing_since <= moment - PATIENCE:
        delivery.move(DeliveryState.failed)
        await disable(session, endpoint, Disabled.gone if answer.is_gone else Disabled.failing, actor=SYSTEM)
        await tell_staff(session, endpoint)
        return Outcome()
    pause = pause_after(delivery.tries)
    delivery.try_at = moment + pause
    if delivery.first_try_at and delivery.try_at > delivery.first_try_at + PATIENCE:
        delivery.move(DeliveryState.failed)
        return Outcome()
    return Outcome(pause)


def pause_after(tries: int) -> timedelta:
    """Each three times as long as the one before, 8 hours at most, a fifth more or less by chance."""
    pause: timedelta = min(FIRST_PAUSE * FACTOR ** min(tries - 1, 20), LONGEST_PAUSE)
    return pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311


async def disable(session: AsyncSession, endpoint: WebhookEndpoint, why: Disabled, *, actor: str) -> None:
    """The endpoint is locked. What waits for it is given up; it can be sent again later. Twice changes nothing."""
    if endpoint.disabled is not None:
        return
    endpoint.disabled = why
    await session.flush()
    await give_up_waiting(session, endpoint)
    record(session, "webhooks.disable", endpoint, actor=actor, after={"disabled": why})


async def give_up_waiting(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """What waits for the locked endpoint."""
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == DeliveryState.waiting
    )
    given_up = waiting.values(state=DeliveryState.failed, claimed_until=None, error="disabled")
    await session.execute(given_up.execution_options(synchronize_session="fetch"))


def refuse_disabled(endpoint: WebhookEndpoint) -> None:
    """Raises InArchive, WebhookDisabled."""
    refuse_archived(endpoint)
    if not endpoint.enabled:
        raise WebhookDisabled
