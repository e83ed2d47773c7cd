"""What is known already of the columns that prices_and_parcels adds.

In a transaction of its own: whoever adds a column keeps readers out until theirs ends.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_21_fill_prices"
down_revision: str | None = "2026_11_21_prices_and_parcels"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ALL_PRICES = "SELECT refresh_product_price(ARRAY(SELECT id FROM product))"
NUMBERS_FROM_THE_TRAIL = """
UPDATE shipment SET tracking = after ->> 'note'
FROM audit_entry
WHERE subject_id = shipment.id AND action = 'shop.move_shipment' AND after ->> 'state' = 'shipped' AND after ? 'note'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(NUMBERS_FROM_THE_TRAIL)
    op.execute(ALL_PRICES)
    op.alter_column("product_price", "highest", nullable=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("product_price", "highest", nullable=True)
