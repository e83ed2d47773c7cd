"""One webhook, one transaction, in plain asyncpg: the same rows that the app writes for an order that was paid."""

import secrets
from uuid import UUID

import asyncpg
import msgspec
from uuid_utils.compat import uuid7

from apps.payments.demo.schemas import EventBody

EVENT = """INSERT INTO webhook_event (id, provider, event_id, payload, handled_at)
           VALUES ($1, 'demo', $2, $3, clock_timestamp()) ON CONFLICT DO NOTHING"""
OWNER = "SELECT owner_id FROM payment WHERE id = $1"
ORDER = "SELECT number FROM orders WHERE id = $1 FOR NO KEY UPDATE"
LINES = """SELECT l.id, l.offer_id, l.quantity, t.concert_id
           FROM order_line l JOIN ticket_type t ON t.offer_id = l.offer_id WHERE l.order_id = $1"""
PAID = """UPDATE payment SET state = 'confirmed', captured = amount, confirmed_at = clock_timestamp(),
              settled_at = clock_timestamp(), checked_at = clock_timestamp() WHERE id = $1"""
SETTLED = """UPDATE orders SET state = 'paid', paid_at = clock_timestamp(), delivered_at = clock_timestamp(),
                 payment_id = $2 WHERE id = $1"""
AUDIT = """INSERT INTO audit_entry (id, actor, action, subject, subject_id, name, before, after)
           VALUES ($1, 'system', $2, $3, $4, $5, '{}', '{}')"""
SOLD = "UPDATE hold SET state = 'sold', expires_at = NULL, network = NULL WHERE owner_id = $1"
TICKET = """INSERT INTO ticket (id, order_id, order_line_id, ticket_type_id, concert_id, state, ordinal, nonce)
            VALUES ($1, $2, $3, $4, $5, 'valid', $6, $7)"""
MAIL = """INSERT INTO pgqueuer (priority, entrypoint, payload, status, updated, created, execute_after)
          VALUES (0, 'checkout.mail_delivered', $1, 'queued', now(), now(), now())"""


async def deliver(db: asyncpg.Pool, event: EventBody) -> None:
    async with db.acquire() as connection, connection.transaction():
        await connection.execute(EVENT, uuid7(), event.id, msgspec.to_builtins(event))
        order = await connection.fetchval(OWNER, event.subject)
        number = await connection.fetchval(ORDER, order)
        await connection.execute(PAID, event.subject)
        await connection.execute(SETTLED, order, event.subject)
        await connection.execute(AUDIT, uuid7(), "payments.report", "Payment", event.subject, "")
        await connection.execute(AUDIT, uuid7(), "orders.paid", "Order", order, number)
        await connection.execute(SOLD, order)
        for line in await connection.fetch(LINES, order):
            await issue(connection, order, line)
        await connection.execute(MAIL, msgspec.json.encode({"order_id": order}))


async def issue(connection: asyncpg.pool.PoolConnectionProxy, order: UUID, line: asyncpg.Record) -> None:
    for ordinal in range(1, line["quantity"] + 1):
        code = secrets.token_bytes(8)
        await connection.execute(
            TICKET, uuid7(), order, line["id"], line["offer_id"], line["concert_id"], ordinal, code
        )
