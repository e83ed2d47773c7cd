"""Two variants may swap their options: that each has its own is looked at when the transaction ends."""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_21_swapped_options"
down_revision: str | None = "2026_11_21_concert_notices"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "uq_variant_product_id_options"
COLUMNS = ["product_id", "options"]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(NAME, "variant")
    op.create_unique_constraint(NAME, "variant", COLUMNS, deferrable=True, initially="DEFERRED")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(NAME, "variant")
    op.create_unique_constraint(NAME, "variant", COLUMNS)
