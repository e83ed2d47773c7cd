"""Orders whose payment is disputed, or was lost by a dispute: their tickets are not valid, and nothing is sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_02_order_disputes"
down_revision: str | None = "2026_12_02_bank_statements"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DISPUTED_BEFORE = """
UPDATE orders SET dispute = disputed.state
FROM (
    SELECT payment_id, CASE WHEN bool_or(state = 'open') THEN 'open' ELSE 'lost' END AS state
    FROM payment_dispute WHERE state IN ('open', 'lost') GROUP BY payment_id
) AS disputed
WHERE orders.payment_id = disputed.payment_id
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("orders", sa.Column("dispute", sa.String(20), nullable=True))
    op.create_check_constraint("dispute_known", "orders", "dispute IN ('open', 'lost')")
    op.create_index("ix_orders_dispute", "orders", ["dispute"], postgresql_where=sa.text("dispute IS NOT NULL"))
    op.execute(DISPUTED_BEFORE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_orders_dispute", "orders")
    op.drop_constraint("dispute_known", "orders", type_="check")
    op.drop_column("orders", "dispute")
