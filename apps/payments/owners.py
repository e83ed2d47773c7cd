"""What the payments are for, as far as payments know: rows of apps above, which are locked before the payments are."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection


class LockOwners(Protocol):
    async def __call__(self, connection: AsyncConnection, ids: Collection[UUID], *, waits: bool) -> Collection[UUID]:
        """Those that are locked now, in the order of their ids; what others have locked is waited for, or left out."""


_LOCKS: list[LockOwners] = []


def locks_owners(lock: LockOwners) -> LockOwners:
    """Register how an app above locks its rows that payments are for."""
    _LOCKS.append(lock)
    return lock


async def lock_owners(connection: AsyncConnection, ids: Collection[UUID], *, waits: bool = True) -> set[UUID]:
    """Those that are locked now."""
    return {id for lock in _LOCKS for id in await lock(connection, ids, waits=waits)}
