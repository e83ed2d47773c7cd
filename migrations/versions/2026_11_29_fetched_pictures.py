"""Pictures that lie elsewhere are fetched: which, and how far that is. Those that products show already are asked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_fetched_pictures"
down_revision: str | None = "2026_11_29_prices_for_a_time"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ASK_FOR_THOSE_THERE_ARE = """
INSERT INTO picture_fetch (id, url)
SELECT gen_random_uuid(), source_url FROM product_image WHERE source_url ~ '^https?://' GROUP BY source_url
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "picture_fetch",
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "fetched", "failed", name="fetchstate", native_enum=False, length=20),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), server_default="", nullable=False),
        sa.Column("detail", sa.String(length=200), server_default="", nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('waiting', 'fetched', 'failed')", name=op.f("ck_picture_fetch_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_fetch")),
        sa.UniqueConstraint("url", name=op.f("uq_picture_fetch_url")),
    )
    op.create_index(
        "ix_picture_fetch_waiting", "picture_fetch", ["try_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index("ix_picture_fetch_failed", "picture_fetch", ["id"], postgresql_where=sa.text("state = 'failed'"))
    op.create_index("ix_product_image_source_url", "product_image", ["source_url"])
    op.execute(ASK_FOR_THOSE_THERE_ARE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_product_image_source_url", "product_image")
    op.drop_table("picture_fetch")
