"""Locks of what has no row of its own."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, String, bindparam, func, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.database import now

NAMES = func.unnest(bindparam("names", type_=ARRAY(String))).column_valued("name")
NUMBERS = func.unnest(bindparam("numbers", type_=ARRAY(BigInteger))).column_valued("number")
KEYS_OF_NAMES = select(func.hashtextextended(NAMES, 0).label("key"), NAMES.label("name"), null().label("number"))
KEYS = union_all(KEYS_OF_NAMES, select(NUMBERS, null(), NUMBERS)).subquery()
SORTED = select(KEYS.c.key).order_by(KEYS.c.key).subquery()
LOCKED = select(func.count()).select_from(select(func.pg_advisory_xact_lock(SORTED.c.key)).subquery()).subquery()
LOCK = select(func.clock_timestamp()).select_from(LOCKED)
TRY_TO_LOCK = select(KEYS.c.name, KEYS.c.number, func.pg_try_advisory_xact_lock(KEYS.c.key))


async def lock_out_others(
    connection: AsyncConnection, names: Collection[str], numbers: Collection[int] = (), *, waits: bool = True
) -> tuple[datetime, set[str | int]]:
    """One transaction at a time for each of these, until it ends; always in the same order.

    Returns the moment when all are locked, by the database's clock; and, where it `waits` for nobody, those that others
    have locked.
    """
    given = {"names": list(names), "numbers": list(numbers)}
    if waits:
        return (await connection.execute(LOCK, given)).scalar_one(), set()
    tried = (await connection.execute(TRY_TO_LOCK, given)).tuples().all()
    locked = {name or number for name, number, is_mine in tried if not is_mine}
    return await now(connection), locked
