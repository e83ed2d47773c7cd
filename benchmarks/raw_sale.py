"""One request, one lock, one transaction, in plain asyncpg: the same rows that the app writes for the same request."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
from uuid_utils.compat import uuid7

from apps.checkout.queue.new_order import order_number
from apps.checkout.schemas import AddLineIn, CheckoutIn

LOCK = "SELECT capacity - reserved FROM pool WHERE id = $1 FOR NO KEY UPDATE"
TAKE = "UPDATE pool SET reserved = reserved + $2 WHERE id = $1"
CART = """INSERT INTO cart (id, currency, locale, created_at, held_since, expires_at, placed, updated_at)
          VALUES ($1, 'EUR', 'en', $2, $2, $3, false, $2)"""
CART_LINE = "INSERT INTO cart_line (id, cart_id, offer_id, quantity, price) VALUES ($1, $2, $3, $4, NULL)"
HOLD = """INSERT INTO hold (item_id, pool_id, owner_id, units, state, expires_at)
          VALUES ($1, $2, $3, $4, 'held', $5)"""
ANSWER = "INSERT INTO idempotency_record (id, request, status, body) VALUES ($1, $2, $3, $4)"
ORDER = """INSERT INTO orders (id, created_at, number, nonce, state, email, name, locale, currency,
               subtotal, shipping, tax, total, pay_until)
           VALUES ($1, $2, $3, $4, 'pending', $5, $6, 'en', 'EUR', $7, 0, 0, $7, $8)"""
ORDER_LINE = """INSERT INTO order_line (id, order_id, offer_id, position, kind, title, quantity, unit_price, total, tax)
                VALUES ($1, $2, $3, 0, 'ticket', 'Live', $4, 3000, $5, 0)"""


class SoldOut(Exception):
    """Rolls back."""


async def hold(db: asyncpg.Pool, data: AddLineIn, pool: UUID, body: bytes) -> int:
    """The status to answer with."""
    cart, line, moment = uuid7(), uuid7(), datetime.now(UTC)
    until = moment + timedelta(minutes=15)
    try:
        async with db.acquire() as connection, connection.transaction():
            await lock(connection, pool, data.quantity)
            await connection.execute(CART, cart, moment, until)
            await connection.execute(CART_LINE, line, cart, data.offer, data.quantity)
            await connection.execute(HOLD, line, pool, cart, data.quantity, until)
            await connection.execute(ANSWER, uuid4(), b"", 201, body)
            await connection.execute(TAKE, pool, data.quantity)
    except SoldOut:
        return 409
    return 201


async def order(db: asyncpg.Pool, data: CheckoutIn, pool: UUID, body: bytes) -> int:
    assert data.lines
    (line,) = data.lines
    order, item, moment, total = uuid7(), uuid7(), datetime.now(UTC), 3000 * line.quantity
    terms = (order_number(), secrets.token_bytes(8), data.email, data.name, total, moment + timedelta(minutes=30))
    try:
        async with db.acquire() as connection, connection.transaction():
            await lock(connection, pool, line.quantity)
            await connection.execute(ORDER, order, moment, *terms)
            await connection.execute(ORDER_LINE, item, order, line.offer, line.quantity, total)
            await connection.execute(HOLD, item, pool, order, line.quantity, None)
            await connection.execute(ANSWER, uuid4(), b"", 201, body)
            await connection.execute(TAKE, pool, line.quantity)
    except SoldOut:
        return 409
    return 201


async def lock(connection: asyncpg.pool.PoolConnectionProxy, pool: UUID, units: int) -> None:
    if await connection.fetchval(LOCK, pool) < units:
        raise SoldOut
