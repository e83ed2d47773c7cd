"""What one app tells those above it.

A subscriber is a job: published in a transaction, run after its commit. It may know a way to do the same for many
events within the transaction, for publishers who have locked all that it takes; the job is for what is left then.
A listener runs within the transaction, for what has to be written down as it is at that moment; without anything to
write it costs next to nothing.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.jobs import Call, Job, enqueue

Event = msgspec.Struct
Listener = Callable[[AsyncConnection | AsyncSession, Sequence[Event]], Awaitable[None]]
Listening = TypeVar("Listening", bound=Listener)
AtOnce = Callable[[AsyncConnection, Sequence[Any]], Awaitable[Collection[Any]]]
"""Does what it can for events of one kind, and returns those that it did."""
SUBSCRIBERS: dict[type[Event], list[Job]] = defaultdict(list)
AT_ONCE: dict[str, AtOnce] = {}
"""By the name of the job."""
LISTENERS: dict[type[Event], list[Listener]] = {}


def subscribe(kind: type[Event], *, at_once: AtOnce | None = None) -> Callable[[Job], Job]:
    """Run this job, with the event's fields as its arguments, whenever a `kind` is published."""

    def register(subscriber: Job) -> Job:
        SUBSCRIBERS[kind].append(subscriber)
        if at_once:
            AT_ONCE[subscriber.name] = at_once
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


async def publish(connection: AsyncConnection | AsyncSession, *events: Event, at_once: bool = False) -> None:
    """`at_once`: the publisher has locked all that subscribers need, in the order in which it is locked."""
    listening = dict.fromkeys(each for event in events for each in LISTENERS.get(type(event), ()))
    for listener in listening:
        await listener(connection, [event for event in events if listener in LISTENERS.get(type(event), ())])
    if at_once and isinstance(connection, AsyncConnection):
        await enqueue(connection, *[call async for call in _left(connection, events)])
    else:
        await enqueue(connection, *(call for event in events for call in calls_for(event)))


async def _left(connection: AsyncConnection, events: Sequence[Event]) -> AsyncIterator[Call]:
    """The jobs for what is not done here and now."""
    for kind in dict.fromkeys(type(event) for event in events):
        published = [event for event in events if type(event) is kind]
        for subscriber in SUBSCRIBERS.get(kind, ()):
            do = AT_ONCE.get(subscriber.name)
            done = await do(connection, published) if do else ()
            for event in published:
                if event not in done:
                    yield subscriber.call(**msgspec.structs.asdict(event))
