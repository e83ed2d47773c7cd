"""Whose access token it is, asked of the database for each request: all that wait in this process are one statement.

A connection is kept for it, and asked without SQLAlchemy between: every request of who is signed in pays for this.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import SessionKind
from apps.accounts.repositories import current_user_from, find_by_token, signed_in_among
from apps.accounts.sessions.cache import open_session_cache
from apps.accounts.sessions.sessions import token_hash
from apps.accounts.sessions.tokens import Access
from apps.core.db.batching import Batcher
from apps.core.db.database import Database
from apps.core.errors import AppError, NotFound

DIALECT = dialect()  # type: ignore[no-untyped-call]
SIGNED_IN = str(signed_in_among().compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


class SignedInLookup:
    """One for each process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._cache = open_session_cache()
        self._connection: AsyncConnection | None = None
        self._waiting: Batcher[Access, CurrentUser] = Batcher(self._kept, _find)

    async def find(self, access: Access) -> CurrentUser | None:
        """Who it is and what they may do, if they are not disabled and the session is alive. Raises Busy."""

        async def in_database() -> CurrentUser | None:
            try:
                return await self._waiting.submit(access)
            except NotFound:
                return None

        return await self._cached(f"{access.session_id.hex}:{access.user_id.hex}", in_database)

    async def find_in_browser(self, reads: AsyncConnection, token: str) -> CurrentUser | None:
        """Whose cookie it is, and what they may do at this moment."""
        hashed = token_hash(SessionKind.browser, token)
        return await self._cached(hashed.hex(), partial(find_by_token, reads, hashed))

    async def close(self) -> None:
        await self._close_connection()
        if self._cache:
            await self._cache.close()

    async def _cached(self, key: str, find: Callable[[], Awaitable[CurrentUser | None]]) -> CurrentUser | None:
        if self._cache is None:
            return await find()
        known, generation = await self._cache.find(key)
        if known:
            return known
        current_user = await find()
        if current_user and generation is not None:
            await self._cache.keep(key, current_user, generation)
        return current_user

    async def _close_connection(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    @asynccontextmanager
    async def _kept(self) -> AsyncIterator[AsyncConnection]:
        """The same connection again and again; another one after an error."""
        if self._connection is None:
            self._connection = await self._db.lasting_connection()
        try:
            yield self._connection
        except BaseException:
            await self._close_connection()
            raise


async def _find(connection: AsyncConnection, asked: Sequence[Access]) -> Sequence[CurrentUser | AppError]:
    raw = await connection.get_raw_connection()
    session = cast(asyncpg.Connection, raw.driver_connection)
    rows: list[Any] = await session.fetch(SIGNED_IN, [each.session_id for each in asked])
    found = {row["session_id"]: row for row in rows}
    return [_current_user(found.get(each.session_id), each) for each in asked]


def _current_user(row: Any, access: Access) -> CurrentUser | AppError:
    if row is None or row["id"] != access.user_id:
        return NotFound()
    return current_user_from(row, row["roles"], row["permissions"])
