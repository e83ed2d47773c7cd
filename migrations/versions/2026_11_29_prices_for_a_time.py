"""Prices that are lower for a time, and the list's prices for each span of time."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_prices_for_a_time"
down_revision: str | None = "2026_11_29_processes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFRESH_PRICES = """
CREATE OR REPLACE FUNCTION refresh_product_price(products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One writer at a time for a product: the statements below then see what the one before has committed.
    PERFORM 1 FROM product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH priced AS (
        SELECT variant.product_id, product.category_id, offer_price.*,
            coalesce(reduced_from, '-infinity') AS begins, coalesce(reduced_until, 'infinity') AS ends
        FROM variant
        JOIN product ON product.id = variant.product_id
        JOIN offer ON offer.id = variant.offer_id AND offer.active
        JOIN offer_price ON offer_price.offer_id = offer.id
        WHERE variant.product_id = ANY(products)
    ), moments AS (
        SELECT product_id, currency, '-infinity'::timestamptz AS since FROM priced
        UNION SELECT product_id, currency, begins FROM priced WHERE reduced < amount
        UNION SELECT product_id, currency, ends FROM priced WHERE reduced < amount AND ends < 'infinity'
    ), spans AS (
        SELECT product_id, currency, since,
            lead(since, 1, 'infinity') OVER (PARTITION BY product_id, currency ORDER BY since) AS until
        FROM moments
    ), costing AS (
        SELECT product_id, category_id, currency, since, until,
            CASE WHEN is_reduced THEN reduced ELSE amount END AS amount,
            coalesce(CASE WHEN is_reduced THEN reduced_compare_at ELSE compare_at END, 0) AS compare_at
        FROM spans
        JOIN priced USING (product_id, currency)
        CROSS JOIN LATERAL (SELECT reduced < amount AND begins <= since AND since < ends AS is_reduced) AS at_that_time
    ), with_cheapest AS (
        SELECT *, min(amount) OVER (PARTITION BY product_id, currency, since) AS cheapest FROM costing
    ), found AS (
        SELECT product_id, category_id, currency, since, until, cheapest AS amount, max(amount) AS highest,
            min(compare_at) FILTER (WHERE amount = cheapest) AS before
        FROM with_cheapest
        GROUP BY product_id, category_id, currency, since, until, cheapest
    ), gone AS (
        DELETE FROM product_price
        WHERE product_id = ANY(products)
            AND (product_id, currency, since) NOT IN (SELECT product_id, currency, since FROM found)
    )
    INSERT INTO product_price (product_id, currency, since, until, amount, highest, compare_at, category_id)
    SELECT product_id, currency, since, until, amount, highest, CASE WHEN before > amount THEN before END, category_id
    FROM found
    ON CONFLICT (product_id, currency, since) DO UPDATE
    SET until = excluded.until, amount = excluded.amount, highest = excluded.highest, compare_at = excluded.compare_at
    WHERE (product_price.until, product_price.amount, product_price.highest, product_price.compare_at)
        IS DISTINCT FROM (excluded.until, excluded.amount, excluded.highest, excluded.compare_at);
END $$
"""
REFRESH_WITHOUT_TIMES = """
CREATE OR REPLACE FUNCTION refresh_product_price(products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH priced AS (
        SELECT variant.product_id, product.category_id, offer_price.currency, offer_price.amount,
            coalesce(offer_price.compare_at, 0) AS compare_at,
            min(offer_price.amount) OVER (PARTITION BY variant.product_id, offer_price.currency) AS cheapest
        FROM variant
        JOIN product ON product.id = variant.product_id
        JOIN offer ON offer.id = variant.offer_id AND offer.active
        JOIN offer_price ON offer_price.offer_id = offer.id
        WHERE variant.product_id = ANY(products)
    ), found AS (
        SELECT product_id, category_id, currency, cheapest AS amount, max(amount) AS highest,
            min(compare_at) FILTER (WHERE amount = cheapest) AS before
        FROM priced
        GROUP BY product_id, category_id, currency, cheapest
    ), gone AS (
        DELETE FROM product_price
        WHERE product_id = ANY(products) AND (product_id, currency) NOT IN (SELECT product_id, currency FROM found)
    )
    INSERT INTO product_price (product_id, currency, amount, highest, compare_at, category_id)
    SELECT product_id, currency, amount, highest, CASE WHEN before > amount THEN before END, category_id FROM found
    ON CONFLICT (product_id, currency) DO UPDATE
    SET amount = excluded.amount, highest = excluded.highest, compare_at = excluded.compare_at
    WHERE (product_price.amount, product_price.highest, product_price.compare_at)
        IS DISTINCT FROM (excluded.amount, excluded.highest, excluded.compare_at);
END $$
"""
WHAT_COUNTS_NOW = "DELETE FROM product_price WHERE NOT (since <= now() AND now() < until)"
REDUCED = ("reduced", "reduced_compare_at")
TIMES = ("reduced_from", "reduced_until")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in REDUCED:
        op.add_column("offer_price", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in TIMES:
        op.add_column("offer_price", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_offer_price_reduced_not_negative"), "offer_price", "reduced >= 0")
    op.create_check_constraint(op.f("ck_offer_price_reduced_window"), "offer_price", "reduced_from < reduced_until")
    for name, default in (("since", "-infinity"), ("until", "infinity")):
        column = sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text(f"'{default}'"), nullable=False)
        op.add_column("product_price", column)
    op.drop_constraint(op.f("pk_product_price"), "product_price")
    op.create_primary_key(op.f("pk_product_price"), "product_price", ["product_id", "currency", "since"])
    op.execute(REFRESH_PRICES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(WHAT_COUNTS_NOW)
    op.drop_constraint(op.f("pk_product_price"), "product_price")
    op.create_primary_key(op.f("pk_product_price"), "product_price", ["product_id", "currency"])
    for name in ("until", "since"):
        op.drop_column("product_price", name)
    op.execute(REFRESH_WITHOUT_TIMES)
    op.drop_constraint(op.f("ck_offer_price_reduced_window"), "offer_price")
    op.drop_constraint(op.f("ck_offer_price_reduced_not_negative"), "offer_price")
    for name in (*reversed(TIMES), *reversed(REDUCED)):
        op.drop_column("offer_price", name)
