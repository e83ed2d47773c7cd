"""The database keeps the books: tried with plain SQL."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from apps.core.db.database import Database
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
WRITE = """
INSERT INTO ledger_transfer (id, entry_id, key, cause, phase, pending_id, debit_account, credit_account, amount,
    currency, provider, day)
VALUES (:id, :id, :key, 'refund', :phase, :pending, :debit, 'provider', :amount, :currency, 'demo', '2026-12-01')
"""


async def written(db: Database, phase: str = "at_once", *, pending: UUID | None = None, **other: object) -> UUID:
    id = uuid4()
    values = {"key": str(id), "debit": "orders", "amount": 500, "currency": "EUR"} | other
    await sql(db, WRITE, id=id, phase=phase, pending=pending, **values)
    return id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = 1",
        "UPDATE ledger_transfer SET day = '2020-01-01' WHERE false",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "TRUNCATE ledger_transfer CASCADE",
    ],
)
async def test_nothing_is_changed(db: Database, statement: str) -> None:
    await written(db)
    with pytest.raises(DBAPIError, match="only added to"):
        await sql(db, statement)
    assert [row.amount for row in await sql(db, "SELECT amount FROM ledger_transfer")] == [500]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"amount": 0}, id="nothing"),
        pytest.param({"amount": -5}, id="less than nothing"),
        pytest.param({"debit": "provider"}, id="from an account to itself"),
        pytest.param({"debit": "pocket"}, id="an account that nobody knows"),
        pytest.param({"currency": "eur"}, id="no currency"),
        pytest.param({"phase": "posted"}, id="posted without a pending one"),
        pytest.param({"phase": "maybe"}, id="a phase that nobody knows"),
    ],
)
async def test_impossible_transfers_are_refused(db: Database, wrong: dict) -> None:
    with pytest.raises(DBAPIError, match="violates check constraint"):
        await written(db, **wrong)


async def test_one_cause_is_written_once(db: Database) -> None:
    await written(db, key="charge:1")
    with pytest.raises(DBAPIError, match="uq_ledger_transfer_key"):
        await written(db, key="charge:1")


@pytest.mark.parametrize("first", ["posted", "voided"])
@pytest.mark.parametrize("second", ["posted", "voided"])
async def test_pending_ends_once(db: Database, first: str, second: str) -> None:
    pending = await written(db, "pending")
    await written(db, first, pending=pending)
    with pytest.raises(DBAPIError, match="uq_ledger_transfer_pending_id"):
        await written(db, second, pending=pending)


@pytest.mark.parametrize("other", [{"amount": 499}, {"currency": "USD"}, {"debit": "disputed"}])
async def test_pending_ends_as_it_began(db: Database, other: dict) -> None:
    pending = await written(db, "pending")
    with pytest.raises(DBAPIError, match="was pending"):
        await written(db, "posted", pending=pending, **other)


async def test_only_what_is_pending_is_posted(db: Database) -> None:
    for other in (await written(db), uuid4()):
        with pytest.raises(DBAPIError, match="was pending") as refusal:
            await written(db, "posted", pending=other)
        assert isinstance(refusal.value.orig.__cause__, asyncpg.IntegrityConstraintViolationError)
