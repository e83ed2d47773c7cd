"""The database keeps the books: no gaps, no change, no credit beyond the invoice; and forgets buyers when it may."""

import asyncio
import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from apps.core.db.bulk import insert_rows
from apps.core.db.database import Database
from apps.invoices.issuing.numbers import take_numbers
from apps.invoices.jobs import forget_buyers
from apps.invoices.repositories import INVOICES
from tests.invoices.rows import row
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
TAKERS, ROUNDS = 8, 6


async def orders(db: Database, count: int) -> list[UUID]:
    made = await sql(
        db,
        """INSERT INTO orders (id, number, nonce, state, email, name, locale, currency, subtotal, shipping, tax, total,
           pay_until, paid_at) SELECT gen_random_uuid(), 'ORDER' || n, '\\x00', 'paid', 'fan@example.org', 'Fan', 'en',
           'EUR', 1000, 0, 0, 1000, now(), now() FROM generate_series(1, :count) AS n RETURNING id""",
        count=count,
    )
    return [row.id for row in made]


class Changed(Exception):
    """Somebody's mind, after the numbers were taken."""


async def test_numbers_have_no_gaps_although_transactions_fail(db: Database) -> None:
    waiting = await orders(db, TAKERS * ROUNDS)
    dice = random.Random(7)

    async def take(order: UUID) -> None:
        for attempt in range(3):
            try:
                async with db.transaction() as connection:
                    [serial] = (await take_numbers(connection, {"INV-2026": 1}))["INV-2026"]
                    await insert_rows(connection, INVOICES, [row(order, "INV-2026", serial)])
                    await asyncio.sleep(dice.random() / 200)
                    if attempt < 2 and dice.random() < 0.5:
                        raise Changed
            except Changed:
                continue
            return

    for start in range(0, len(waiting), TAKERS):
        await asyncio.gather(*map(take, waiting[start : start + TAKERS]))
    taken = await sql(db, "SELECT serial FROM invoice ORDER BY serial")
    assert [each.serial for each in taken] == list(range(1, len(waiting) + 1))
    assert await sql(db, "SELECT last FROM invoice_series") == [(len(waiting),)]


async def one(db: Database, **facts: Any) -> UUID:
    """An invoice of 10.00."""
    [order] = await orders(db, 1)
    async with db.transaction() as connection:
        await take_numbers(connection, {"INV-2026": 1})
        await insert_rows(connection, INVOICES, [row(order, "INV-2026", 1, **facts)])
    return order


async def test_a_number_cannot_be_left_out_or_given_twice(db: Database) -> None:
    await one(db)
    [order] = await sql(db, "SELECT id FROM orders")
    for serial in (1, 3):
        with pytest.raises(IntegrityError):
            await insert(db, row(order.id, "INV-2026", serial, number=f"other-{serial}"))


async def insert(db: Database, invoice: dict[str, Any]) -> None:
    async with db.transaction() as connection:
        await insert_rows(connection, INVOICES, [invoice])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET total = 900, net = 900",
        "UPDATE invoice SET number = 'INV-2026-9'",
        "UPDATE invoice SET buyer = '{}'",
        "UPDATE invoice SET lines = '[{}]'",
        "UPDATE invoice SET retained_until = '2020-01-01'",
        "DELETE FROM invoice",
        "TRUNCATE invoice CASCADE",
        "UPDATE invoice_series SET name = 'OTHER-2026'",
    ],
)
async def test_no_invoice_is_changed(db: Database, statement: str) -> None:
    await one(db)
    before = await sql(db, "SELECT * FROM invoice")
    with pytest.raises(DBAPIError):
        await sql(db, statement)
    assert await sql(db, "SELECT * FROM invoice") == before


async def test_a_buyer_is_forgotten_when_the_law_lets_go(db: Database) -> None:
    await one(db, retained_until=date(2020, 12, 31))
    with pytest.raises(DBAPIError):
        await sql(db, "UPDATE invoice SET buyer = '{}', total = 900, net = 900")
    await forget_buyers.run(db, None)
    assert await sql(db, "SELECT buyer, total FROM invoice") == [({}, 1000)]


async def test_credit_notes_stay_within_their_invoice(db: Database) -> None:
    order = await one(db)
    [invoice] = await sql(db, "SELECT id FROM invoice")
    payment = await _payment(db, order)
    for serial, (amount, fits) in enumerate([(600, True), (400, True), (1, False)], 1):
        [refund] = await sql(
            db,
            "INSERT INTO refund (id, payment_id, key, amount, reason, state)"
            " VALUES (gen_random_uuid(), :payment, gen_random_uuid(), :amount, '', 'created') RETURNING id",
            payment=payment,
            amount=amount,
        )
        note = {"kind": "credit_note", "refers_to": invoice.id, "refund_id": refund.id, "net": amount, "total": amount}
        try:
            async with db.transaction() as connection:
                await take_numbers(connection, {"CN-2026": 1})
                await insert_rows(connection, INVOICES, [row(order, "CN-2026", serial, **note)])
        except IntegrityError:
            assert not fits
        else:
            assert fits


async def _payment(db: Database, order: UUID) -> UUID:
    [payment] = await sql(
        db,
        "INSERT INTO payment (id, owner_id, provider, amount, currency, state, expires_at, captured)"
        " VALUES (gen_random_uuid(), :order, 'demo', 1000, 'EUR', 'confirmed', now(), 1000) RETURNING id",
        order=order,
    )
    id: UUID = payment.id
    return id
