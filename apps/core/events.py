"""What one app tells those above it. A subscriber is a job: published in a transaction, run after its commit."""

from collections import defaultdict
from collections.abc import Callable

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.jobs import Call, Job, enqueue

Event = msgspec.Struct
SUBSCRIBERS: dict[type[Event], list[Job]] = defaultdict(list)


def subscribe(kind: type[Event]) -> Callable[[Job], Job]:
    """Run this job, with the event's fields as its arguments, whenever a `kind` is published."""

    def register(subscriber: Job) -> Job:
        SUBSCRIBERS[kind].append(subscriber)
        return subscriber

    return register


def calls_for(event: Event) -> list[Call]:
    """The jobs that `event` asks for, for those who enqueue many at once."""
    arguments = msgspec.structs.asdict(event)
    return [subscriber.call(**arguments) for subscriber in SUBSCRIBERS[type(event)]]


async def publish(connection: AsyncConnection | AsyncSession, *events: Event) -> None:
    await enqueue(connection, *(call for event in events for call in calls_for(event)))
