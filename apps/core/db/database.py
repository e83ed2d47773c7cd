"""The database: models' base, engines, and the only places where a transaction begins and ends."""

from asyncio import Semaphore, timeout
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, cast
from uuid import UUID

import asyncpg
import msgspec
from advanced_alchemy.base import CommonTableAttributes
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Enum,
    ExceptionContext,
    Label,
    MetaData,
    Table,
    Uuid,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7

from apps.core.db.errors import DatabaseAway

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
CONNECT_TIMEOUT = 5.0

Money = Annotated[int, mapped_column(BigInteger)]
"""Minor units of a currency that stands beside it."""
SHOWS_PICTURES = {"shows_pictures": True}
"""A column's `info`: what it holds may name pictures of ours, which are kept for that."""


class Base(CommonTableAttributes, DeclarativeBase):
    """Every table. UUIDs, times with zone, and JSONB follow from the annotations."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        dict[str, str]: JSONB(),
        list[str]: JSONB(),
        list[dict[str, Any]]: JSONB(),
    }

    @classmethod
    def table(cls) -> Table:
        return cast(Table, cls.__table__)


class UUIDBase(Base):
    """A table with a public id: a UUIDv7, so that rows sort by their making."""

    __abstract__ = True
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Archivable:
    """What was sold is never deleted: archived, it is offered no more and keeps its history."""

    archived_at: Mapped[datetime | None]


class Changing:
    """`updated_at`: when it, or a part of it, was last changed. Triggers keep it true, whoever writes."""

    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Translated:
    """Texts that fans read: the main language in its column, others beside it: {"ru": {"title": "…"}}."""

    translations: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"), info=SHOWS_PICTURES)


FOLDED = {"folded": "gin_trgm_ops"}
"""The operators of an index on `folded` text, by which words are found anywhere in it."""


def folded(column: str) -> Label[str]:
    """The column's text without case and accents, for an index."""
    return func.fold(literal_column(column)).label("folded")


def enum_type(kind: type[StrEnum]) -> Enum:
    """A StrEnum as text; the table adds `enum_check` (native enums do not survive a downgrade)."""
    return Enum(
        kind, native_enum=False, length=20, values_callable=lambda members: [member.value for member in members]
    )


def enum_check(column: str, kind: type[StrEnum]) -> CheckConstraint:
    values = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds, is waited for a connection, for a lock, and for the answer to a statement."""

    connection: float
    lock: float
    statement: float | None


IN_JOBS = Patience(connection=10, lock=5, statement=None)
IN_REQUESTS = Patience(connection=2, lock=2.5, statement=3)
"""Together 5 s: people do not wait longer."""
IN_CHECKOUT = Patience(connection=2, lock=1, statement=2.5)
"""Who stands there waits behind all others."""
BY_KEYS = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
"""For connections whose every statement finds few rows by keys, again and again: PostgreSQL plans each once, and no
plan that was made of an empty shop reads all of a full one."""


AFTER_COMMIT = "after_commit"


class Database:
    """One process's connections to PostgreSQL.

    `begin()` is a unit of work: one transaction, committed at its end, rolled back on any exception.
    `reads()` is a connection in autocommit for hot reads; readers queue in their order and leave two for writers.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        patience: Patience = IN_JOBS,
        planner: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.url = url
        self._patience = patience
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=patience.connection,
            skip_autocommit_rollback=True,
            json_deserializer=msgspec.json.decode,
            hide_parameters=True,  # what people typed stays out of the logs
            connect_args={
                "async_creator_fn": _connect,
                "timeout": min(patience.connection, CONNECT_TIMEOUT),
                "command_timeout": patience.statement,
                "server_settings": {
                    "application_name": "backline",
                    "timezone": "UTC",
                    "lock_timeout": f"{patience.lock}s",
                    "idle_in_transaction_session_timeout": "60s",
                    "jit": "off",
                    **planner,
                },
            },
        )
        listen(self.engine.sync_engine, "handle_error", _end_silent_session)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._readers = Semaphore(max(1, pool_size - 2))
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            async with session.begin():
                yield session
            for hook in session.info.pop(AFTER_COMMIT, ()):
                await hook()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A unit of work without the ORM, for statements over many rows."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reads(self) -> AsyncIterator[AsyncConnection]:
        async with AsyncExitStack() as taken:
            async with timeout(self._patience.connection):
                await taken.enter_async_context(self._readers)
                connection = await taken.enter_async_context(self._autocommit.connect())
            yield connection

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncConnection]:
        """For single statements that write: each commits itself, without a round trip to begin and to end."""
        async with self._autocommit.connect() as connection:
            yield connection

    async def lasting_connection(self) -> AsyncConnection:
        """For single statements of somebody who keeps it, and closes it."""
        return await self._autocommit.connect()

    async def close(self) -> None:
        await self.engine.dispose()


def _end_silent_session(failure: ExceptionContext) -> None:
    """A session that does not answer in time is ended, not asked to end: it may never hear it."""
    if isinstance(failure.original_exception, TimeoutError) and failure.connection:
        cast(asyncpg.Connection, failure.connection.connection.driver_connection).terminate()
        failure.is_disconnect = True
        failure.invalidate_pool_on_disconnect = False


async def _connect(**arguments: Any) -> asyncpg.Connection:
    """SQLAlchemy hands on as they are the many ways in which this fails."""
    try:
        return await asyncpg.connect(**arguments)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise DatabaseAway(repr(error)) from error


def after_commit(session: AsyncSession, hook: Callable[[], Awaitable[None]]) -> None:
    """Called once when the unit of work of `session` is committed, before whoever asked for it is answered."""
    session.info.setdefault(AFTER_COMMIT, dict.fromkeys(()))[hook] = None


async def now(connection: AsyncConnection | AsyncSession) -> datetime:
    """The database's clock at this moment (not the start of the transaction), for every window and hold."""
    moment: datetime = (await connection.execute(func.clock_timestamp())).scalar_one()
    return moment
