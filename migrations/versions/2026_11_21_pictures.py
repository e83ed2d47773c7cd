"""Pictures that were uploaded; managers may upload them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_pictures"
down_revision: str | None = "2026_11_21_tell_of_changes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MAY_UPLOAD = """
UPDATE role SET permissions = permissions || '["media.upload"]'
WHERE permissions @> '["products.edit"]' AND NOT permissions @> '["media.upload"]'
"""
MAY_NOT_UPLOAD = "UPDATE role SET permissions = permissions - 'media.upload'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "image",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "ready", "failed", name="imagestate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed')", name=op.f("ck_image_state_known")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_image_has_pixels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("hash", name=op.f("uq_image_hash")),
    )
    op.execute(MAY_UPLOAD)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(MAY_NOT_UPLOAD)
    op.drop_table("image")
