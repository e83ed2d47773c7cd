"""What is kept for a time is forgotten after it, by settings."""

import pytest

from apps.core.db.database import Database
from apps.core.privacy import forgetting
from project.settings import settings
from tests.factories import make_pool, make_ticket_type
from tests.journeys.customer import Customer, reserved, sql

pytestmark = pytest.mark.anyio
OF_DAYS_AGO = {
    "audit_entry": """
        INSERT INTO audit_entry (id, created_at, actor, action, subject, subject_id, before, after)
        SELECT {id}, {made}, 'system', 'x.y', 'X', gen_random_uuid(), '{{}}', '{{}}' FROM generate_series(1, 7)
    """,
    "mail": """
        INSERT INTO mail (id, created_at, key, owner_id, recipient, subject)
        SELECT {id}, {made}, gen_random_uuid()::text, gen_random_uuid(), 'a@example.org', '' FROM generate_series(1, 7)
    """,
}
ID = """(lpad(to_hex((extract(epoch FROM {made}) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
         || '8' || substr(md5(random()::text), 1, 15))::uuid"""
JOBS = {"audit_entry": ("core.forget_audit_log", settings.audit_days), "mail": ("mail.forget", settings.mail_days)}


@pytest.mark.parametrize("table", OF_DAYS_AGO)
async def test_rows_are_forgotten_after_their_days_and_not_before(
    table: str, customer: Customer, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In more than one transaction."""
    monkeypatch.setattr(forgetting, "AT_ONCE", 3)
    job, days = JOBS[table]
    await sql(db, f"DELETE FROM {table}")
    for age in (days - 1, days + 2):
        made = f"(now() - interval '{age} days')"
        await sql(db, OF_DAYS_AGO[table].format(id=ID.format(made=made), made=made).replace(":", "\\:"))
    await customer.by_the_clock(job)
    left = await sql(db, f"SELECT min(created_at) > now() - interval '{days} days' AS fits, count(*) AS n FROM {table}")
    assert [tuple(each) for each in left] == [(True, 7)]


async def test_carts_go_and_take_nothing_of_the_stock_with_them(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_ticket_type(session, {(await make_pool(session, 5)).id: 1})
    ordered = Customer(customer.client, db)
    order = await ordered.order_at_once(ticket.id)
    await ordered.pay(order)
    await customer.add(ticket.id, 2)
    await sql(db, "UPDATE cart SET updated_at = now() - make_interval(days => :days)", days=settings.cart_days - 1)
    await customer.by_the_clock("checkout.forget_carts")
    assert len(await sql(db, "SELECT id FROM cart")) == 1
    await sql(db, "UPDATE hold SET expires_at = now() - interval '1 second' WHERE state = 'held'")
    await customer.by_the_clock("checkout.release_expired_holds")
    await sql(db, "UPDATE cart SET updated_at = now() - make_interval(days => :days)", days=settings.cart_days + 1)
    await customer.by_the_clock("checkout.forget_carts")
    assert await sql(db, "SELECT id FROM cart") == []
    assert await reserved(db, ticket.id) == [1]
    assert (await customer.order(order))["state"] == "paid"
