"""Events are written down for the endpoints that listen, in the transaction of what happened."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.db.bulk import among, insert_rows
from apps.core.db.database import now
from apps.core.jobs import enqueue
from apps.webhooks.delivering.job import send
from apps.webhooks.repositories import DELIVERIES, ENDPOINTS, MESSAGES

MOST_BYTES = 64 * 1024
FORGOTTEN_AFTER = 5.0
"""Seconds for which a process remembers that nobody listens."""
LISTENING = select(ENDPOINTS.c.id, ENDPOINTS.c.events).where(
    ENDPOINTS.c.disabled.is_(None), ENDPOINTS.c.archived_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Listener:
    """An endpoint that hears of `types`, or of all when there are none."""

    id: UUID
    types: Collection[str]

    def hears(self, type: str) -> bool:
        return not self.types or type in self.types


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    type: str
    thing: UUID
    data: msgspec.Struct
    id: UUID = field(default_factory=uuid7)


class _Silence:
    """Until when this process takes for granted that nobody listens."""

    until = 0.0


def expect_listeners() -> None:
    """Somebody may listen from now on."""
    _Silence.until = 0.0


async def listeners(connection: AsyncConnection) -> Sequence[Listener]:
    """One statement; none in the seconds after there was nobody."""
    if monotonic() < _Silence.until:
        return ()
    found = [Listener(row.id, row.events) for row in await connection.execute(LISTENING)]
    if not found:
        _Silence.until = monotonic() + FORGOTTEN_AFTER
    return found


async def record_events(connection: AsyncConnection, events: Iterable[NewEvent], listening: Sequence[Listener]) -> None:
    """For each endpoint what it hears of; sent once this is committed. What is there already, by its id, stays."""
    heard = [event for event in events if any(each.hears(event.type) for each in listening)]
    known = await _known(connection, [event.id for event in heard])
    new = [event for event in heard if event.id not in known]
    if not new:
        return
    moment = await now(connection)
    rows = [{"id": each.id, "type": each.type, "thing": each.thing, "body": _body(each, moment)} for each in new]
    await insert_rows(connection, MESSAGES, rows)
    pairs = [(event, each.id) for event in new for each in listening if each.hears(event.type)]
    await insert_rows(
        connection,
        DELIVERIES,
        [
            {"id": uuid7(), "endpoint_id": endpoint, "message_id": event.id, "type": event.type, "thing": event.thing}
            for event, endpoint in pairs
        ],
    )
    await enqueue(connection, *(send.call(endpoint_id=id) for id in dict.fromkeys(id for _event, id in pairs)))


async def _known(connection: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    return set(await connection.scalars(select(MESSAGES.c.id).where(among(MESSAGES.c.id, ids)))) if ids else set()


def _body(event: NewEvent, moment: datetime) -> str:
    facts = {"id": event.id, "type": event.type, "created_at": moment}
    body = msgspec.json.encode({**facts, "data": event.data})
    if len(body) > MOST_BYTES:
        body = msgspec.json.encode({**facts, "data": {"id": event.thing, "too_large": True}})
    return body.decode()
