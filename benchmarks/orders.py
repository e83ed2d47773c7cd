"""A year of orders with all that belongs to them, made straight in the database of a benchmark.

After benchmarks.catalogue: a third is merch, the others are tickets; a third is from people with an account.
"""

from sqlalchemy import text

from apps.core.db.database import Database
from benchmarks.catalogue import SIZES, vacuum

ORDERS, USERS = 100_000, 10_000
FIRST = (
    "Ada",
    "Boris",
    "Chiara",
    "Dmitri",
    "Elif",
    "Femke",
    "Goran",
    "Hanna",
    "Ines",
    "Jonas",
    "Katya",
    "Lars",
    "Mira",
)
FAMILY = ("Ander", "Bau", "Con", "Du", "Erik", "Hor", "Ivan", "Jan", "Kowal", "Lar", "Mor")
ENDING = ("sen", "er", "ti", "bois", "ova", "vat", "ski", "eau", "mann", "ic", "ez")
ADDRESS = '{"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}'
UUID7 = """
CREATE FUNCTION pg_temp.made_at(at timestamptz, name text) RETURNS uuid LANGUAGE sql AS $$
    SELECT CAST(
        lpad(to_hex(CAST(extract(epoch FROM at) * 1000 AS bigint)), 12, '0')
        || '7' || substr(md5(name), 1, 3) || '8' || substr(md5(name), 4, 15) AS uuid
    )
$$
"""
PEOPLE = """
INSERT INTO users (id, created_at, email, name, locale)
SELECT pg_temp.made_at(at, 'user' || n), at, 'user' || n || '@example.org', 'User ' || n, 'en'
FROM (SELECT n, now() - n * interval '1 hour' AS at FROM generate_series(1, CAST(:users AS int)) AS n) AS made
"""
STAGED = """
CREATE TEMP TABLE staged ON COMMIT DROP AS
SELECT n, at, pg_temp.made_at(at, 'order' || n) AS id, pg_temp.made_at(at, 'payment' || n) AS payment_id, name,
    lower(split_part(name, ' ', 1)) || '.' || substr(md5(n::text), 1, 5) || '@example.org' AS email,
    state, state IN ('paid', 'refunded') AS sold, is_merch, total,
    CASE state WHEN 'refunded' THEN total ELSE 0 END AS back
FROM (
    SELECT n, now() - (:orders - n) * interval '365 days' / :orders AS at, n % 3 = 0 AS is_merch,
        CASE n % 3 WHEN 0 THEN 5000 ELSE 6000 END AS total,
        (CAST(:first AS text[]))[n % cardinality(:first) + 1] || ' '
        || (CAST(:family AS text[]))[n / 13 % cardinality(:family) + 1]
        || (CAST(:ending AS text[]))[n / 143 % cardinality(:ending) + 1] AS name,
        CASE WHEN n > :orders - 40 THEN 'pending' WHEN n % 33 = 0 THEN 'expired' WHEN n % 101 = 0 THEN 'cancelled'
            WHEN n % 97 = 0 THEN 'refunded' ELSE 'paid' END AS state
    FROM generate_series(1, CAST(:orders AS int)) AS n
) AS made
"""
LINES = f"""
CREATE TEMP TABLE line ON COMMIT DROP AS
WITH way_in AS (SELECT offer_id, row_number() OVER (ORDER BY offer_id) AS number FROM ticket_type),
size AS (SELECT * FROM unnest(ARRAY{list(SIZES)}) WITH ORDINALITY AS sizes (name, number)),
wanted AS (
    SELECT staged.*, 1 AS position, 2 AS quantity, offer_id
    FROM staged JOIN way_in ON number = n % (SELECT count(*) FROM way_in) + 1 WHERE NOT is_merch
    UNION ALL
    SELECT staged.*, position, 1, CAST(md5('offer' || n % :products + 1 || size.name) AS uuid)
    FROM staged CROSS JOIN generate_series(1, 2) AS position
    JOIN size ON number = (n + position) % {len(SIZES)} + 1 WHERE is_merch
)
SELECT wanted.*, pg_temp.made_at(at, 'line' || n || '-' || position) AS line_id, offer.title, offer.kind
FROM wanted JOIN offer ON offer.id = offer_id
"""
PLACED = """
INSERT INTO orders (id, created_at, number, nonce, user_id, state, email, name, address, locale, currency, subtotal,
    shipping, tax, total, refunded, pay_until, payment_id, paid_at, delivered_at)
SELECT staged.id, at, 'Q' || lpad(n::text, 7, '0'), '\\x0011223344556677', users.id, state, staged.email, staged.name,
    CASE WHEN is_merch THEN CAST(:address AS jsonb) END, 'en', 'EUR', total, 0, 0, total,
    back, at + interval '30 minutes', CASE WHEN sold THEN payment_id END,
    CASE WHEN sold THEN at + interval '1 minute' END, CASE WHEN sold THEN at + interval '1 minute' END
FROM staged LEFT JOIN users ON n % 3 = 1 AND users.email = 'user' || n % :users + 1 || '@example.org'
"""
LINED = """
INSERT INTO order_line (id, order_id, offer_id, position, kind, title, quantity, unit_price, total, tax)
SELECT line_id, id, offer_id, position, kind, title, quantity, total / 2, quantity * total / 2, 0 FROM line
"""
PAID = """
INSERT INTO payment (id, created_at, owner_id, provider, amount, currency, state, reference, expires_at, checked_at,
    captured, refunded, confirmed_at, settled_at)
SELECT payment_id, at, id, 'demo', total, 'EUR',
    CASE WHEN sold THEN 'confirmed' WHEN state = 'pending' THEN 'pending' ELSE 'cancelled' END, 'pay_' || n,
    at + interval '30 minutes', at, CASE WHEN sold THEN total ELSE 0 END, back, CASE WHEN sold THEN at END,
    CASE WHEN sold THEN at END
FROM staged
"""
PAID_BACK = """
INSERT INTO refund (id, created_at, payment_id, key, amount, reason, state, checked_at)
SELECT pg_temp.made_at(at, 'refund' || n), at, payment_id, 'staff' || n, back, 'Ill', 'done', at
FROM staged WHERE back > 0
"""
TICKETS = """
INSERT INTO ticket (id, created_at, order_id, order_line_id, ticket_type_id, concert_id, ordinal, nonce, state)
SELECT pg_temp.made_at(at, 'ticket' || n || '-' || ordinal), at, id, line_id, offer_id, concert_id, ordinal,
    '\\x0011223344556677', CASE state WHEN 'paid' THEN 'valid' ELSE 'cancelled' END
FROM line JOIN ticket_type USING (offer_id) CROSS JOIN generate_series(1, 2) AS ordinal WHERE sold
"""
PARCELS = """
INSERT INTO shipment (id, created_at, order_id, order_line_id, quantity, state, moved_at)
SELECT pg_temp.made_at(at, 'shipment' || n || '-' || position), at, id, line_id, quantity,
    CASE WHEN at > now() - interval '4 days' THEN 'unfulfilled' WHEN at > now() - interval '8 days' THEN 'shipped'
        ELSE 'delivered' END, at
FROM line WHERE is_merch AND sold
"""
HELD = """
INSERT INTO hold (item_id, pool_id, owner_id, units, state)
SELECT line_id, pool_id, id, quantity * units, CASE state WHEN 'paid' THEN 'sold' ELSE 'held' END
FROM line JOIN offer_pool USING (offer_id) WHERE state IN ('paid', 'pending')
"""
TAKEN = """
UPDATE pool SET reserved = held.units, capacity = capacity + held.units
FROM (SELECT pool_id, sum(units) AS units FROM hold GROUP BY 1) AS held WHERE held.pool_id = pool.id
"""
MAILED = """
INSERT INTO mail (id, created_at, key, owner_id, recipient, subject, sent_at)
SELECT pg_temp.made_at(at, 'mail' || n), at, 'delivered-' || id, id, email, 'Your order', at FROM staged WHERE sold
"""
NOTED = """
INSERT INTO audit_entry (id, created_at, actor, action, subject, subject_id, before, after)
SELECT pg_temp.made_at(at, 'audit' || n), at, 'system', 'orders.' || state, 'Order', id, '{}', '{}'
FROM staged WHERE state <> 'pending'
"""
STATEMENTS = (
    *(UUID7, PEOPLE, STAGED, LINES, "ANALYZE staged, line"),
    *(PLACED, LINED, PAID, PAID_BACK, TICKETS, PARCELS, HELD, TAKEN, MAILED, NOTED),
)


async def make_orders(url: str, *, products: int) -> None:
    """The oldest a year old, the newest of this moment; among the first `products` of the catalogue."""
    values = {
        "orders": ORDERS,
        "users": USERS,
        "products": products,
        "address": ADDRESS,
        "first": list(FIRST),
        "family": list(FAMILY),
        "ending": list(ENDING),
    }
    db = Database(url)
    async with db.transaction() as connection:
        for statement in STATEMENTS:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)
    await vacuum(db)
