"""A product's highest price and the price before, for its list; the parcel service's number of what was sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_prices_and_parcels"
down_revision: str | None = "2026_11_21_first_screen"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFRESH_PRICES = """
CREATE OR REPLACE FUNCTION refresh_product_price(products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One writer at a time for a product: the statements below then see what the one before has committed.
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
REFRESH_CHEAPEST = """
CREATE OR REPLACE FUNCTION refresh_product_price(products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH cheapest AS (
        SELECT variant.product_id, offer_price.currency, min(offer_price.amount) AS amount, product.category_id
        FROM variant
        JOIN product ON product.id = variant.product_id
        JOIN offer ON offer.id = variant.offer_id AND offer.active
        JOIN offer_price ON offer_price.offer_id = offer.id
        WHERE variant.product_id = ANY(products)
        GROUP BY variant.product_id, offer_price.currency, product.category_id
    ), gone AS (
        DELETE FROM product_price
        WHERE product_id = ANY(products) AND (product_id, currency) NOT IN (SELECT product_id, currency FROM cheapest)
    )
    INSERT INTO product_price (product_id, currency, amount, category_id)
    SELECT product_id, currency, amount, category_id FROM cheapest
    ON CONFLICT (product_id, currency) DO UPDATE SET amount = excluded.amount
    WHERE product_price.amount <> excluded.amount;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("product_price", sa.Column("highest", sa.BigInteger(), nullable=True))
    op.add_column("product_price", sa.Column("compare_at", sa.BigInteger(), nullable=True))
    op.execute(REFRESH_PRICES)
    op.add_column("shipment", sa.Column("tracking", sa.String(200), server_default="", nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("shipment", "tracking")
    op.execute(REFRESH_CHEAPEST)
    op.drop_column("product_price", "compare_at")
    op.drop_column("product_price", "highest")
