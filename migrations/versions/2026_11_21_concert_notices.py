"""What holders of tickets knew of a concert that changes, and what they are told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_21_concert_notices"
down_revision: str | None = "2026_11_21_fill_prices"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "concert_notice",
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("news", sa.String(length=20), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "news IN ('moved', 'postponed', 'back', 'cancelled')", name=op.f("ck_concert_notice_news_known")
        ),
        sa.CheckConstraint("num_nulls(after, news, told_at) IN (0, 3)", name=op.f("ck_concert_notice_told_whole")),
        sa.ForeignKeyConstraint(
            ["concert_id"], ["concert.id"], name=op.f("fk_concert_notice_concert_id_concert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concert_notice")),
    )
    op.create_index("ix_concert_notice_concert_id", "concert_notice", ["concert_id"])
    op.create_index(
        "uq_concert_notice_one_open",
        "concert_notice",
        ["concert_id"],
        unique=True,
        postgresql_where=sa.text("told_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("concert_notice")
