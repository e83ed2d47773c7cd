"""A cart may be a user's: one open cart each."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_carts_of_users"
down_revision: str | None = "2026_12_01_payment_providers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = sa.text("user_id IS NOT NULL AND NOT placed")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("cart", sa.Column("user_id", sa.Uuid(), nullable=True))
    op.add_column("cart", sa.Column("trimmed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_foreign_key("fk_cart_user_id", "cart", "users", ["user_id"], ["id"])
    op.create_index("uq_cart_user_id", "cart", ["user_id"], unique=True, postgresql_where=OPEN)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("uq_cart_user_id", table_name="cart")
    op.drop_constraint("fk_cart_user_id", "cart", type_="foreignkey")
    op.drop_column("cart", "trimmed")
    op.drop_column("cart", "user_id")
