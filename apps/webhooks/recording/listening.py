"""Hears what the apps below publish, within their transactions."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.core.events import Event, listen
from apps.core.jobs import enqueue, job
from apps.orders.events import OrderPaid, OrderPlaced
from apps.webhooks.event_types import EventType
from apps.webhooks.recording.payloads import orders_data
from apps.webhooks.recording.record import Listener, NewEvent, listeners, record_events
from apps.webhooks.recording.sources import SOURCES

NEW_ORDERS = (OrderPlaced, OrderPaid)


class LaterEvent(msgspec.Struct, frozen=True):
    """Of an order that was just placed."""

    id: UUID
    type: EventType
    order_id: UUID


@listen(*SOURCES)
async def hear(at: AsyncConnection | AsyncSession, events: Sequence[Event]) -> None:
    """What comes with new orders comes from the checkout queue, where it costs no more than a job."""
    connection = await at.connection() if isinstance(at, AsyncSession) else at
    listening = await listeners(connection)
    typed = [(type, event) for event in events if (type := _type_if_heard(event, listening))]
    if not typed:
        return
    if any(isinstance(event, OrderPlaced) for event in events):
        new = [LaterEvent(uuid7(), type, event.order_id) for type, event in typed if isinstance(event, NEW_ORDERS)]
        await enqueue(connection, record_orders.call(events=new))
        return
    if isinstance(at, AsyncSession):
        await at.flush()
    for kind, group in groupby(typed, key=lambda each: each[1].__class__):
        await _record(connection, kind, list(group), listening)


def _type_if_heard(event: Event, listening: Sequence[Listener]) -> EventType | None:
    if not listening:
        return None
    type = SOURCES[event.__class__].type_of(event)
    return type if type and any(each.hears(type) for each in listening) else None


async def _record(
    connection: AsyncConnection,
    kind: type[Event],
    typed: Sequence[tuple[EventType, Event]],
    listening: Sequence[Listener],
) -> None:
    source = SOURCES[kind]
    data = await source.data(connection, [event for _type, event in typed])
    new = [
        NewEvent(type=type, thing=source.thing_of(event), data=each)
        for (type, event), each in zip(typed, data, strict=True)
        if each is not None
    ]
    await record_events(connection, new, listening)


@job("webhooks.record_orders")
async def record_orders(db: Database, events: list[LaterEvent]) -> None:
    """Told as they are when this runs, a moment later. A second run finds them recorded."""
    async with db.transaction() as connection:
        data = await orders_data(connection, {each.order_id for each in events})
        new = [
            NewEvent(id=each.id, type=each.type, thing=each.order_id, data=data[each.order_id])
            for each in events
            if each.order_id in data
        ]
        await record_events(connection, new, await listeners(connection))
