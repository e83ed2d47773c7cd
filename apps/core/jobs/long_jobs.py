"""Long jobs that people wait for: how far one is, what came of it for some days, and that it can be cancelled.

Each kind has a table of its own, whose model is a `LongJob`. Its job calls `attempt`, and `note` in every transaction:
that also tells it when somebody has cancelled it.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Table, func, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Database, enum_type
from apps.core.db.errors import passes
from apps.core.db.states import Stateful

log = structlog.get_logger(__name__)


class LongJobState(StrEnum):
    """Asked for, being done, its result there to be fetched, or why it is not."""

    asked = "asked"
    running = "running"
    ready = "ready"
    failed = "failed"
    cancelled = "cancelled"
    expired = "expired"


class LongJob(Stateful):
    """Of a user: `done` of `total` parts are done. What came of it is kept until `expires_at`."""

    TRANSITIONS: ClassVar[Mapping[Any, frozenset[Any]]] = {
        LongJobState.asked: frozenset({LongJobState.running, LongJobState.failed, LongJobState.cancelled}),
        LongJobState.running: frozenset({LongJobState.ready, LongJobState.failed, LongJobState.cancelled}),
        LongJobState.ready: frozenset({LongJobState.expired}),
        LongJobState.failed: frozenset(),
        LongJobState.cancelled: frozenset(),
        LongJobState.expired: frozenset(),
    }

    state: Mapped[LongJobState] = mapped_column(enum_type(LongJobState), default=LongJobState.asked)
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.may_move(LongJobState.cancelled)


class Cancelled(Exception):
    """Somebody has cancelled it meanwhile, or another worker is further."""


class CannotBeDone(Exception):
    """It fails for a reason that is known; `values` go into its row."""

    def __init__(self, **values: Any) -> None:
        super().__init__(values)
        self.values = values


def is_open(table: Table) -> ColumnElement[bool]:
    """Of the rows of a kind of long job."""
    return table.c.state.in_((LongJobState.asked, LongJobState.running))


async def note(connection: AsyncConnection, table: Table, id: UUID, *, after: int | None = None, **values: Any) -> UUID:
    """Writes how far it is; `after`: only if it was as far as that before. Whose it is. Raises Cancelled."""
    mine = update(table).where(table.c.id == id, is_open(table)).values(values)
    if after is not None:
        mine = mine.where(table.c.done == after)
    user_id: UUID | None = (await connection.execute(mine.returning(table.c.user_id))).scalar_one_or_none()
    if user_id is None:
        raise Cancelled
    return user_id


async def attempt(db: Database, table: Table, id: UUID, work: Callable[[], Awaitable[None]]) -> bool:
    """Whether it is done. What goes wrong leaves it failed: whoever wants it asks again.

    What may succeed in a moment, as when the database is away, raises: the job is tried again.
    """
    try:
        await work()
    except Cancelled:
        return False
    except CannotBeDone as refused:
        await _fail(db, table, id, refused.values)
        return False
    except Exception as error:
        if passes(error):
            raise
        log.error("long_job.failed", kind=table.name, id=str(id), exc_info=True)
        await _fail(db, table, id, {})
        return False
    return True


async def _fail(db: Database, table: Table, id: UUID, values: Mapping[str, Any]) -> None:
    with suppress(Cancelled):
        async with db.statements() as connection:
            await note(connection, table, id, state=LongJobState.failed, **values)


async def expire(connection: AsyncConnection, table: Table, **emptied: Any) -> None:
    """Of those whose days are over the row stays, without what came of them."""
    old = update(table).where(table.c.state == LongJobState.ready, table.c.expires_at < func.now())
    await connection.execute(old.values(state=LongJobState.expired, **emptied))
