"""The books must balance: what is true of the kernel's tables after every single step, and once all jobs are done."""

from sqlalchemy import text

from apps.core.db.database import Database

ALWAYS = {
    "reserved is within capacity": "SELECT id FROM pool WHERE reserved NOT BETWEEN 0 AND capacity",
    "taken is the sum of holds": """
        SELECT id, reserved FROM pool
        WHERE reserved <> (SELECT coalesce(sum(units), 0) FROM hold WHERE pool_id = pool.id)""",
    "a hold belongs to a cart that is open or an order that lives": """
        SELECT item_id FROM hold
        WHERE NOT EXISTS (SELECT FROM cart WHERE id = owner_id AND NOT placed AND hold.state = 'held')
          AND NOT EXISTS (SELECT FROM orders WHERE id = owner_id AND state IN ('pending', 'paid')
                          AND hold.expires_at IS NULL)""",
    "an order that lives holds what it keeps of its lines": """
        SELECT orders.number, line.id FROM orders JOIN order_line line ON line.order_id = orders.id
        JOIN offer_pool ON offer_pool.offer_id = line.offer_id
        LEFT JOIN hold ON hold.item_id = line.id AND hold.pool_id = offer_pool.pool_id
        WHERE orders.state IN ('pending', 'paid')
          AND coalesce(hold.units, 0) <> offer_pool.units * (line.quantity - line.refunded_quantity)""",
    "what was delivered is sold": """
        SELECT number FROM orders JOIN hold ON owner_id = orders.id
        WHERE (delivered_at IS NOT NULL) <> (hold.state = 'sold')""",
    "what is sold counts for no network": "SELECT item_id FROM hold WHERE state = 'sold' AND network IS NOT NULL",
    "lines sum up to the total": """
        SELECT number FROM orders JOIN (SELECT order_id, sum(total) AS total, sum(tax) AS tax
                                        FROM order_line GROUP BY order_id) lines ON lines.order_id = orders.id
        WHERE subtotal <> lines.total OR orders.total <> subtotal + shipping OR orders.tax < lines.tax""",
    "only what is paid is delivered": """
        SELECT number FROM orders WHERE delivered_at IS NOT NULL AND state NOT IN ('paid', 'refunded')""",
    "every place that was delivered and kept has one ticket": """
        SELECT line.id FROM order_line line JOIN orders ON orders.id = order_id WHERE kind = 'ticket'
          AND (SELECT count(*) FROM ticket WHERE order_line_id = line.id AND ticket.state = 'valid')
           <> CASE WHEN delivered_at IS NULL THEN 0 ELSE quantity - refunded_quantity END""",
    "every delivered piece of merch is in one shipment": """
        SELECT line.id FROM order_line line JOIN orders ON orders.id = order_id WHERE kind = 'merch'
          AND (SELECT coalesce(sum(quantity), 0) FROM shipment WHERE order_line_id = line.id AND state <> 'cancelled')
           <> CASE WHEN delivered_at IS NULL THEN 0 ELSE line.quantity - refunded_quantity END""",
    "money came for what is confirmed, and for nothing else": """
        SELECT id FROM payment WHERE (state = 'confirmed') <> (captured > 0)""",
    "no more goes back than came in": "SELECT id FROM payment WHERE refunded NOT BETWEEN 0 AND captured",
    "what goes back is the sum of refunds": """
        SELECT id FROM payment WHERE refunded <> (SELECT coalesce(sum(amount), 0) FROM refund
                                                  WHERE payment_id = payment.id AND state <> 'failed')""",
    "the ledger has what came in": """
        SELECT payment.id, captured FROM payment LEFT JOIN ledger_transfer charge ON key = 'charge:' || payment.id
        WHERE captured <> coalesce(charge.amount, 0)""",
    "the ledger has what is kept of an order's money": """
        SELECT owner_id FROM payment GROUP BY owner_id
        HAVING sum(captured - refunded) <> (
            SELECT coalesce(sum(CASE phase WHEN 'posted' THEN 0 WHEN 'pending' THEN -amount ELSE amount END), 0)
            FROM ledger_transfer WHERE owner_id = payment.owner_id AND cause IN ('charge', 'refund'))""",
    "each refund stands in the ledger as it is": """
        SELECT refund.id, refund.state FROM refund
        LEFT JOIN ledger_transfer pending ON pending.key = 'refund:' || refund.id
        LEFT JOIN ledger_transfer ended ON ended.pending_id = pending.id
        LEFT JOIN ledger_transfer returned ON returned.key = concat_ws(':', 'refund', refund.id, 'returned')
        WHERE pending.amount IS DISTINCT FROM refund.amount
           OR CASE WHEN returned.id IS NOT NULL OR ended.phase = 'voided' THEN 'failed'
                   WHEN ended.phase = 'posted' THEN 'done' ELSE 'under way' END
              <> CASE WHEN refund.state IN ('done', 'failed') THEN refund.state ELSE 'under way' END""",
    "pieces came back by refunds that are written down": """
        SELECT id FROM order_line WHERE refunded_quantity <> (SELECT coalesce(sum(quantity), 0) FROM order_refund_line
                                                              WHERE order_line_id = order_line.id)""",
    "each refund of the order's payment is written down with its amount": """
        SELECT refund.id FROM refund JOIN orders ON orders.payment_id = refund.payment_id
        LEFT JOIN order_refund given ON given.refund_id = refund.id
        WHERE (given.order_id, given.amount) IS DISTINCT FROM (orders.id, refund.amount)""",
    "an order has one payment at a time": """
        SELECT owner_id FROM payment WHERE state IN ('created', 'pending', 'failed')
        GROUP BY owner_id HAVING count(*) > 1""",
    "a paid order was paid in full, by its own payment": """
        SELECT number FROM orders LEFT JOIN payment ON payment.id = payment_id
        WHERE orders.state IN ('paid', 'refunded') AND orders.total > 0
          AND (owner_id, captured) IS DISTINCT FROM (orders.id, orders.total)""",
    "nobody keeps more than one customer may": """
        SELECT email, offer.id FROM orders JOIN order_line line ON line.order_id = orders.id
        JOIN offer ON offer.id = line.offer_id AND max_per_customer IS NOT NULL
        WHERE orders.state IN ('pending', 'paid')
        GROUP BY email, offer.id HAVING sum(quantity - refunded_quantity) > max_per_customer""",
}
WHEN_DONE = {
    "money that came is its order's, or was sent back": """
        SELECT id FROM payment WHERE state = 'confirmed' AND settled_at IS NULL""",
    "what is paid is delivered": "SELECT number FROM orders WHERE state = 'paid' AND delivered_at IS NULL",
    "what is delivered was told in one mail": """
        SELECT number FROM orders
        WHERE (SELECT count(*) FROM mail WHERE key = 'order-delivered:' || orders.id AND sent_at IS NOT NULL)
           <> (delivered_at IS NOT NULL)::int""",
    "money is its order's or has gone back": """
        SELECT payment.id FROM payment JOIN orders ON orders.id = owner_id
        WHERE captured > payment.refunded AND orders.payment_id IS DISTINCT FROM payment.id
          AND NOT EXISTS (SELECT FROM refund WHERE payment_id = payment.id AND state = 'failed')""",
    "the order knows what went back": """
        SELECT number FROM orders JOIN payment ON payment.id = payment_id WHERE orders.refunded <> payment.refunded""",
}

OVER_SHARE = """
    WITH pools AS (
        SELECT pool.id, greatest(least(greatest(:of_pool, capacity / 10), capacity / 2),
                                 max(max_per_order * units)) AS share
        FROM pool JOIN offer_pool ON pool_id = pool.id JOIN offer ON offer.id = offer_id GROUP BY pool.id
    ), held AS (
        SELECT network, pool_id, sum(units) AS units FROM hold WHERE network IS NOT NULL GROUP BY network, pool_id
    )
    SELECT network, held.units, share FROM held JOIN pools ON pools.id = pool_id WHERE held.units > share
    UNION ALL
    SELECT network, sum(held.units), max(share) FROM held JOIN pools ON pools.id = pool_id GROUP BY network
    HAVING sum(held.units) > greatest(:in_all, max(share))
"""


async def over_share(db: Database, *, of_pool: int, in_all: int) -> list[str]:
    """Networks that hold more than their share of a pool, or in all."""
    async with db.reads() as connection:
        found = await connection.execute(text(OVER_SHARE), {"of_pool": of_pool, "in_all": in_all})
        return [str(row) for row in found]


async def mistakes(db: Database, *, done: bool) -> list[str]:
    """What does not balance, by name; `done`: no job is left."""
    checks = ALWAYS | (WHEN_DONE if done else {})
    async with db.reads() as connection:
        found = await connection.execute(text(_all_of(done)))
        return [f"{list(checks)[row.check]}: {row.offender}" for row in found]


def _all_of(done: bool) -> str:
    checks = ALWAYS | (WHEN_DONE if done else {})
    parts = (
        f'(SELECT {number} AS "check", wrong::text AS offender FROM ({check}) AS wrong)'
        for number, check in enumerate(checks.values())
    )
    return " UNION ALL ".join(parts)
