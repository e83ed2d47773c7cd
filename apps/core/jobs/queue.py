"""Jobs by their names, and how one gets into the queue."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.database import Database

Handler = Callable[..., Awaitable[None]]
ENQUEUE = QueryQueueBuilder().build_enqueue_query("skip")


class Lane(StrEnum):
    """Jobs wait for a place in their own lane: a mail server that is slow holds up mails, and no payment."""

    main = "main"
    mail = "mail"


@dataclass(frozen=True)
class Job:
    """`every` is a cron expression for a job that takes no ids and runs by the clock."""

    name: str
    handler: Handler
    arguments: type[msgspec.Struct]
    every: str | None
    lane: Lane

    async def run(self, db: Database, payload: bytes | None) -> None:
        arguments = msgspec.json.decode(payload or b"{}", type=self.arguments)
        await self.handler(db, **msgspec.structs.asdict(arguments))

    def call(self, *, after: timedelta = timedelta(0), dedupe_key: str | None = None, **arguments: Any) -> "Call":
        """This job with these arguments; `dedupe_key` keeps a second one with the same text out of the queue."""
        return Call(self.name, msgspec.json.encode(self.arguments(**arguments)), after, dedupe_key)


@dataclass(frozen=True, slots=True)
class Call:
    job: str
    payload: bytes
    after: timedelta
    dedupe_key: str | None


JOBS: dict[str, Job] = {}


def job(name: str, *, every: str | None = None, lane: Lane = Lane.main) -> Callable[[Handler], Job]:
    """Register `async def handler(db, **ids)` as the job `name` ("app.verb")."""

    def register(handler: Handler) -> Job:
        parameters = list(inspect.signature(handler, eval_str=True).parameters.values())[1:]
        fields = [(each.name, each.annotation) for each in parameters]
        JOBS[name] = Job(name, handler, msgspec.defstruct(f"{name}.arguments", fields), every, lane)
        return JOBS[name]

    return register


async def enqueue(connection: AsyncConnection | AsyncSession, *calls: Call) -> None:
    """Put jobs into the queue; they run if, and only after, this transaction commits."""
    if not calls:
        return
    if isinstance(connection, AsyncSession):
        connection = await connection.connection()
    columns = (
        [0] * len(calls),
        [call.job for call in calls],
        [call.payload for call in calls],
        [call.after for call in calls],
        [call.dedupe_key for call in calls],
        ["{}"] * len(calls),
    )
    await connection.exec_driver_sql(ENQUEUE, columns)
