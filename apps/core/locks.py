"""Locks of what has no row of its own."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, String, bindparam, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

NAMES = func.unnest(bindparam("names", type_=ARRAY(String))).column_valued("name")
NUMBERS = func.unnest(bindparam("numbers", type_=ARRAY(BigInteger))).column_valued("number")
KEYS = union_all(select(func.hashtextextended(NAMES, 0).label("key")), select(NUMBERS)).subquery()
SORTED = select(KEYS.c.key).order_by(KEYS.c.key).subquery()
LOCKED = select(func.count()).select_from(select(func.pg_advisory_xact_lock(SORTED.c.key)).subquery()).subquery()
LOCK = select(func.clock_timestamp()).select_from(LOCKED)


async def lock_out_others(
    connection: AsyncConnection, names: Collection[str], numbers: Collection[int] = ()
) -> datetime:
    """One transaction at a time for each of these, until it ends; always in the same order.

    Returns the moment when all are locked, by the database's clock.
    """
    given = {"names": list(names), "numbers": list(numbers)}
    moment: datetime = (await connection.execute(LOCK, given)).scalar_one()
    return moment
