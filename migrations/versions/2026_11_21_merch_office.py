"""Products that are published by themselves, stock found by its name; deleting and exporting."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_merch_office"
down_revision: str | None = "2026_11_21_pictures"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEW_PERMISSIONS = ("products.delete", "products.export", "stock.export")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("product", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_product_published_once"), "product", "NOT published OR publish_at IS NULL")
    op.create_index(
        "ix_product_publish_at", "product", ["publish_at"], postgresql_where=sa.text("publish_at IS NOT NULL")
    )
    op.create_index("ix_pool_name", "pool", [sa.text("fold(name) gin_trgm_ops")], postgresql_using="gin")
    for permission in NEW_PERMISSIONS:
        op.execute(
            f"""UPDATE role SET permissions = permissions || '["{permission}"]'
            WHERE permissions @> '["products.edit"]' AND NOT permissions @> '["{permission}"]'"""
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for permission in NEW_PERMISSIONS:
        op.execute(f"UPDATE role SET permissions = permissions - '{permission}'")
    op.drop_index("ix_pool_name", "pool")
    op.drop_index("ix_product_publish_at", "product")
    op.drop_constraint(op.f("ck_product_published_once"), "product", type_="check")
    op.drop_column("product", "publish_at")
