"""What one app tells those above it.

A subscriber is a job: published in a transaction, run after its commit. A listener runs within the transaction, for
what has to be written down as it is at that moment; without anything to write it costs next to nothing.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.jobs import Call, Job, enqueue

Event = msgspec.Struct
Listener = Callable[[AsyncConnection | AsyncSession, Sequence[Event]], Awaitable[None]]
Listening = TypeVar("Listening", bound=Listener)
SUBSCRIBERS: dict[type[Event], list[Job]] = defaultdict(list)
LISTENERS: dict[type[Event], list[Listener]] = {}


def subscribe(kind: type[Event]) -> Callable[[Job], Job]:
    """Run this job, with the event's fields as its arguments, whenever a `kind` is published."""

    def register(subscriber: Job) -> Job:
        SUBSCRIBERS[kind].append(subscriber)
        return subscriber

    return register


def listen(*kinds: type[Event]) -> Callable[[Listening], Listening]:
    """Call this with all events of these kinds that are published at once, before their transaction commits.

    What it raises fails the transaction. Rows of the session may be waiting to be flushed.
    """

    def register(listener: Listening) -> Listening:
        for kind in kinds:
            LISTENERS.setdefault(kind, []).append(listener)
        return listener

    return register


def calls_for(event: Event) -> list[Call]:
    """The jobs that `event` asks for, for those who enqueue many at once."""
    subscribers = SUBSCRIBERS.get(type(event))
    if not subscribers:
        return []
    arguments = msgspec.structs.asdict(event)
    return [subscriber.call(**arguments) for subscriber in subscribers]


async def publish(connection: AsyncConnection | AsyncSession, *events: Event) -> None:
    await enqueue(connection, *(call for event in events for call in calls_for(event)))
    listening = dict.fromkeys(each for event in events for each in LISTENERS.get(type(event), ()))
    for listener in listening:
        await listener(connection, [event for event in events if listener in LISTENERS.get(type(event), ())])
