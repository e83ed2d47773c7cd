"""Migrations: up, down and up again, and nothing in the models that they do not make."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import make_url

from project.settings import ROOT
from tests.conftest import WORKER, recreate, url_of

ORDER, LINE = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
AN_ORDER_GIVEN_BACK = f"""
INSERT INTO offer (id, kind, title) VALUES ('{ORDER}', 'merch', 'Shirt');
INSERT INTO orders (id, number, nonce, state, email, name, locale, currency, subtotal, shipping, tax, total, pay_until)
VALUES ('{ORDER}', 'A', '', 'pending', '', '', 'en', 'EUR', 2000, 0, 0, 2000, now());
INSERT INTO order_line (id, order_id, offer_id, position, kind, title, quantity, unit_price, total, tax)
VALUES ('{LINE}', '{ORDER}', '{ORDER}', 0, 'merch', 'Shirt', 4, 500, 2000, 0);
INSERT INTO payment (id, owner_id, provider, amount, currency, state, expires_at, captured)
VALUES ('{ORDER}', '{ORDER}', 'demo', 2000, 'EUR', 'confirmed', now(), 2000);
INSERT INTO refund (id, payment_id, key, amount, reason, state) VALUES
    (gen_random_uuid(), '{ORDER}', '{ORDER}:money', 700, 'Too small', 'done'),
    (gen_random_uuid(), '{ORDER}', '{ORDER}:old', 300, 'Too late', 'done'),
    (gen_random_uuid(), '{ORDER}', 'unserved:{ORDER}', 300, 'order A was expired', 'done');
INSERT INTO audit_entry (id, created_at, actor, action, subject, subject_id, before, after)
SELECT gen_random_uuid(), now() - ago::interval, 'user:1', action, 'Order', '{ORDER}', '{{}}', after::jsonb
FROM (VALUES
    ('orders.refund', '3 days', '{{"key": "{ORDER}:money", "pieces": {{"{LINE}": 1}}, "reason": "Too small"}}'),
    ('orders.refund', '2 days', '{{"key": "{ORDER}:free", "pieces": {{"{LINE}": 2}}, "reason": "Lost"}}'),
    ('orders.refund', '9 days', '{{"pieces": {{"{LINE}": 1}}, "reason": "Too late"}}'),
    ('orders.note', '1 day', '{{"note": "?"}}'),
    ('orders.resend', '2 hours', '{{"to": "old@example.org"}}'),
    ('orders.resend', '1 minute', '{{"to": "new@example.org"}}')
) AS entry (action, ago, after)
"""
PAID_BEFORE_THE_BOOKS = f"""
INSERT INTO payment (id, owner_id, provider, amount, currency, state, expires_at, captured, refunded, confirmed_at)
VALUES ('{ORDER}', '{ORDER}', 'demo', 2000, 'EUR', 'confirmed', now(), 2000, 900, '2026-03-01 12:00Z');
INSERT INTO refund (id, payment_id, key, amount, reason, state, created_at, checked_at) VALUES
    (gen_random_uuid(), '{ORDER}', 'a', 700, '', 'done', '2026-03-02 12:00Z', '2026-03-03 12:00Z'),
    (gen_random_uuid(), '{ORDER}', 'b', 300, '', 'failed', '2026-03-04 12:00Z', '2026-03-05 12:00Z'),
    (gen_random_uuid(), '{ORDER}', 'c', 200, '', 'in_transit', '2026-03-06 12:00Z', '2026-03-07 12:00Z');
INSERT INTO payment_dispute (id, payment_id, reference, state, amount, currency, created_at) VALUES
    (gen_random_uuid(), '{ORDER}', 'a', 'open', 50, 'EUR', '2026-03-08 12:00Z'),
    (gen_random_uuid(), '{ORDER}', 'b', 'lost', 60, 'EUR', '2026-03-09 12:00Z'),
    (gen_random_uuid(), '{ORDER}', 'c', 'won', 70, 'EUR', '2026-03-10 12:00Z');
"""
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"


@pytest.fixture
def config(postgres: str) -> Config:
    """Alembic on an empty database."""
    name = f"backline_migrations_{WORKER}"
    asyncio.run(recreate(postgres, name, template="template1"))
    made = Config(str(ROOT / "alembic.ini"))
    made.attributes["database_url"] = url_of(postgres, name)
    return made


def fetch(config: Config, statement: str) -> list[tuple[Any, ...]]:
    async def read() -> list[tuple[Any, ...]]:
        url = make_url(config.attributes["database_url"]).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(read())


def tables(config: Config) -> list[str]:
    return [name for (name,) in fetch(config, TABLES)]


def test_up_down_and_up(config: Config) -> None:
    alembic.upgrade(config, "head")
    made = tables(config)
    assert {"orders", "pool", "hold", "pgqueuer"} <= set(made)
    alembic.downgrade(config, "base")
    assert tables(config) == ["alembic_version"]
    alembic.upgrade(config, "head")
    assert tables(config) == made


def test_models_and_migrations_agree(config: Config) -> None:
    alembic.upgrade(config, "head")
    alembic.check(config)


def test_refunds_and_resends_come_out_of_the_trail(config: Config) -> None:
    alembic.upgrade(config, "2026_11_29_orders_by_language")
    for statement in AN_ORDER_GIVEN_BACK.split(";"):
        fetch(config, statement)
    alembic.upgrade(config, "head")
    given = "SELECT key, reason, actor, amount, refund_id IS NULL, quantity FROM order_refund "
    assert fetch(config, given + "LEFT JOIN order_refund_line ON order_refund_id = id ORDER BY key") == [
        ("free", "Lost", "user:1", 0, True, 2),
        ("money", "Too small", "user:1", 700, False, 1),
        ("old", "Too late", "system", 300, False, None),
    ]
    assert fetch(config, "SELECT recipient FROM order_resend") == [("new@example.org",)]


def test_what_waits_and_what_is_told_gets_the_new_names(config: Config) -> None:
    alembic.upgrade(config, "2026_11_29_orders_by_language")
    fetch(config, "INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'queued', 'checkout.tell_holders')")
    fetch(
        config,
        """INSERT INTO audit_entry (id, actor, action, subject, subject_id, before, after)
           VALUES (gen_random_uuid(), 'user:1', 'shop.change_variant', 'Variant', gen_random_uuid(),
                   '{"allocation": {"a": 1}, "sku": "x"}', '{"sku": "y"}')""",
    )
    alembic.upgrade(config, "head")
    assert fetch(config, "SELECT entrypoint FROM pgqueuer") == [("box_office.tell_holders",)]
    ((before, after),) = fetch(config, "SELECT before::text, after::text FROM audit_entry")
    assert (before, after) == ('{"sku": "x", "allocation": {"a": 1}}', '{"sku": "y"}')


def test_records_jobs_and_entries_get_the_names_of_today(config: Config) -> None:
    alembic.upgrade(config, "2026_11_29_reserved_units")
    fetch(config, f"INSERT INTO answer (id, request) VALUES ('{ORDER}', ''::bytea)")
    fetch(config, "INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'queued', 'shop.mail_parcel_sent')")
    entry = "INSERT INTO audit_entry (id, actor, action, subject, subject_id, before, after) "
    values = f"VALUES (gen_random_uuid(), 'buyer', 'orders.give_away', 'Order', '{ORDER}', '{{}}', '{{}}')"
    fetch(config, entry + values)
    alembic.upgrade(config, "head")
    assert len(fetch(config, "SELECT id FROM idempotency_record")) == 1
    assert fetch(config, "SELECT entrypoint FROM pgqueuer") == [("shop.mail_shipment_sent",)]
    assert fetch(config, "SELECT actor, action FROM audit_entry") == [("customer", "orders.add_comp_order")]
    alembic.downgrade(config, "2026_11_29_reserved_units")
    assert len(fetch(config, "SELECT id FROM answer")) == 1
    assert fetch(config, "SELECT actor, action FROM audit_entry") == [("buyer", "orders.give_away")]


def test_the_books_have_what_came_before_them(config: Config) -> None:
    alembic.upgrade(config, "2026_12_01_bank_transfers")
    for statement in PAID_BEFORE_THE_BOOKS.split(";"):
        fetch(config, statement)
    alembic.upgrade(config, "head")
    written = "SELECT cause, phase, debit_account, credit_account, amount, day::text FROM ledger_transfer ORDER BY id"
    assert fetch(config, written) == [
        ("charge", "at_once", "provider", "orders", 2000, "2026-03-01"),
        ("refund", "pending", "orders", "provider", 700, "2026-03-02"),
        ("refund", "posted", "orders", "provider", 700, "2026-03-03"),
        ("refund", "pending", "orders", "provider", 300, "2026-03-04"),
        ("refund", "voided", "orders", "provider", 300, "2026-03-05"),
        ("refund", "pending", "orders", "provider", 200, "2026-03-06"),
        ("dispute", "at_once", "disputed", "provider", 50, "2026-03-08"),
        ("dispute", "at_once", "orders", "provider", 60, "2026-03-09"),
    ]
    assert fetch(config, "SELECT count(DISTINCT owner_id), count(pending_id) FROM ledger_transfer") == [(1, 2)]
