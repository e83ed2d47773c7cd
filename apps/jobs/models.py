"""Background jobs that somebody should look at, read from the queue's own table, which belongs to pgqueuer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Uuid,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Mapped

from apps.core.db.database import Base

MOMENT = DateTime(timezone=True)
QUEUE = table(
    "pgqueuer",
    column("id", BigInteger),
    column("status", String),
    column("entrypoint", String),
    column("payload", LargeBinary),
    column("attempts", Integer),
    column("created", MOMENT),
    column("updated", MOMENT),
    column("execute_after", MOMENT),
)
IS_FAILED = QUEUE.c.status == literal_column("'failed'")
IS_LATE = (QUEUE.c.status == literal_column("'queued'")) & (
    QUEUE.c.execute_after < literal_column("now() - interval '5 minutes'")
)


class StuckJob(Base):
    """A job that failed for good, and is kept until somebody decides; or one that should have begun five minutes ago.

    `number` is pgqueuer's id, `id` the same as a UUID, `tries` how often it failed.
    """

    __table__ = (
        select(
            cast(func.lpad(func.to_hex(QUEUE.c.id), 32, "0"), Uuid()).label("id"),
            QUEUE.c.id.label("number"),
            QUEUE.c.entrypoint.label("name"),
            QUEUE.c.payload,
            IS_FAILED.label("is_failed"),
            (QUEUE.c.attempts + cast(IS_FAILED, Integer)).label("tries"),
            QUEUE.c.created.label("created_at"),
            QUEUE.c.updated.label("changed_at"),
        )
        .where(or_(IS_FAILED, IS_LATE))
        .subquery("stuck_job")
    )
    __mapper_args__ = {"primary_key": [__table__.c.id]}

    id: Mapped[UUID]
    number: Mapped[int]
    name: Mapped[str]
    payload: Mapped[bytes | None]
    is_failed: Mapped[bool]
    tries: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
