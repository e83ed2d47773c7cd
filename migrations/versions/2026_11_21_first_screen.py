"""What the first screen of the back office asks for by day and state; orders by their total, offers by their titles."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_first_screen"
down_revision: str | None = "2026_11_21_concert_office"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FOR_WHO_REFUNDS = ["jobs.view", "jobs.retry"]
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[])) WHERE permissions @> '["orders.refund"]'
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_orders_paid_at", "orders", ["paid_at"], postgresql_where=sa.text("state = 'paid'"))
    op.create_index("ix_orders_total", "orders", ["total", "id"])
    op.create_index("ix_offer_title", "offer", ["title", "id"])
    op.create_index("ix_offer_words", "offer", [sa.text("fold(title) gin_trgm_ops")], postgresql_using="gin")
    op.create_index("ix_refund_failed", "refund", ["created_at"], postgresql_where=sa.text("state = 'failed'"))
    op.execute("CREATE INDEX pgqueuer_failed ON pgqueuer (id) WHERE status = 'failed'")
    op.get_bind().execute(GIVE, {"new": FOR_WHO_REFUNDS})


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.get_bind().execute(TAKE, {"new": [*FOR_WHO_REFUNDS, "jobs.give_up"]})
    op.execute("DROP INDEX pgqueuer_failed")
    op.drop_index("ix_refund_failed", table_name="refund")
    op.drop_index("ix_offer_words", table_name="offer")
    op.drop_index("ix_offer_title", table_name="offer")
    op.drop_index("ix_orders_total", table_name="orders")
    op.drop_index("ix_orders_paid_at", table_name="orders")
