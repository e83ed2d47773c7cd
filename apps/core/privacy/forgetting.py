"""What is kept for a time is forgotten after it, some rows a transaction, so that nobody waits for a long one."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, func, select

from apps.core.db.database import Database
from apps.core.db.keyset import first_id

AT_ONCE = 5000


async def forget_rows(db: Database, table: Table, old: ColumnElement[bool]) -> None:
    """Those of the table, which has an `id`, that are `old`."""
    deleted = AT_ONCE
    while deleted >= AT_ONCE:
        async with db.transaction() as connection:
            some = select(table.c.id).where(old).limit(AT_ONCE)
            deleted = (await connection.execute(delete(table).where(table.c.id.in_(some)))).rowcount


async def forget_older(db: Database, table: Table, days: int) -> None:
    """Rows made that many days ago, found by their ids (UUIDv7) and judged by their `created_at`."""
    kept = timedelta(days=days)
    async with db.reads() as reads:
        moment = (await reads.execute(select(func.now() - kept + timedelta(days=1)))).scalar_one()
    await forget_rows(db, table, (table.c.id < first_id(moment)) & (table.c.created_at < func.now() - kept))
