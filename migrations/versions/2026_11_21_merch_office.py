"""Products that are published by themselves, stock found by its name; deleting and exporting."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_merch_office"
down_revision: str | None = "2026_11_21_pictures"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MAY_DELETE_AND_EXPORT = """
UPDATE role SET permissions = permissions || '["products.delete", "products.export", "stock.export"]'
WHERE permissions @> '["products.edit"]'
"""
MAY_NOT = "UPDATE role SET permissions = permissions - ARRAY['products.delete', 'products.export', 'stock.export']"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("product", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_product_published_once"), "product", "NOT published OR publish_at IS NULL")
    op.create_index(
        "ix_product_publish_at", "product", ["publish_at"], postgresql_where=sa.text("publish_at IS NOT NULL")
    )
    op.create_index("ix_pool_name", "pool", [sa.text("fold(name) gin_trgm_ops")], postgresql_using="gin")
    op.execute(MAY_DELETE_AND_EXPORT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(MAY_NOT)
    op.drop_index("ix_pool_name", "pool")
    op.drop_index("ix_product_publish_at", "product")
    op.drop_constraint(op.f("ck_product_published_once"), "product", type_="check")
    op.drop_column("product", "publish_at")
