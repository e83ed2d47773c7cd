"""What was ordered, by language; lines that are there keep the one title that they were placed with."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_29_orders_by_language"
down_revision: str | None = "2026_11_29_held_or_sold"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    translations = sa.Column("translations", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("order_line", translations)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("order_line", "translations")
