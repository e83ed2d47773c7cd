"""Files to be imported that were handed over in the back office; who may edit products or concerts may import them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_29_file_imports"
down_revision: str | None = "2026_11_29_payments_to_see_to"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("products", "concerts")
MAY_IMPORT = """
UPDATE role SET permissions = permissions || '["{kind}.import"]'
WHERE permissions @> '["{kind}.edit"]' AND NOT permissions @> '["{kind}.import"]'
"""
MAY_NOT_IMPORT = "UPDATE role SET permissions = permissions - '{kind}.import'"
STATES = ("checking", "ready", "importing", "done", "discarded")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "file_import",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("options", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="importstate", native_enum=False, length=20), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bad", sa.Integer(), server_default="0", nullable=False),
        sa.Column("report", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('checking', 'ready', 'importing', 'done', 'discarded')", name=op.f("ck_file_import_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_import")),
    )
    op.create_index("ix_file_import_kind", "file_import", ["kind", "id"])
    op.create_index("ix_file_import_kept", "file_import", ["created_at"], postgresql_where=sa.text("data IS NOT NULL"))
    for kind in KINDS:
        op.execute(MAY_IMPORT.format(kind=kind))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for kind in KINDS:
        op.execute(MAY_NOT_IMPORT.format(kind=kind))
    op.drop_table("file_import")
