"""When each picture was used last, for the sweep; and for the planner, how much is left in most pools."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_pictures_and_stock"
down_revision: str | None = "2026_11_21_swapped_options"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # A week from now for those that are there: a moment that is the same for all rows rewrites none of them.
    op.add_column(
        "image", sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)
    )
    op.alter_column("image", "used_at", server_default=sa.text("clock_timestamp()"))
    op.execute("CREATE STATISTICS pool_left ON (capacity - taken) FROM pool")
    op.execute("ANALYZE pool")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP STATISTICS pool_left")
    op.drop_column("image", "used_at")
