"""Exports of large lists, made by a job in parts; imports can be cancelled, and fail with words."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_list_exports"
down_revision: str | None = "2026_12_01_passkey_registrations"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
STATES = "state IN ('asked', 'running', 'ready', 'failed', 'cancelled', 'expired')"
IMPORT_STATES = ("checking", "ready", "importing", "done", "discarded")
STATE_KNOWN = "ck_file_import_state_known"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_list_export()
    op.create_table(
        "list_export_part",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["list_export.id"], name=op.f("fk_list_export_part_export_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("export_id", "number", name=op.f("pk_list_export_part")),
    )
    _let_imports_be((*IMPORT_STATES, "failed", "cancelled"))


def _create_list_export() -> None:
    op.create_table(
        "list_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("view", sa.String(60), nullable=False),
        sa.Column("query", sa.String(), server_default="", nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("place", sa.String(), server_default="", nullable=True),
        sa.Column("failure", sa.String(20), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_list_export_state_known")),
        sa.CheckConstraint("failure IN ('not_allowed', 'person_erased')", name=op.f("ck_list_export_failure_known")),
        sa.CheckConstraint(
            "(state = 'ready') <= (expires_at IS NOT NULL)", name=op.f("ck_list_export_kept_for_a_time")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_list_export_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_export")),
    )
    op.create_index("ix_list_export_user_id", "list_export", ["user_id", "id"])
    op.create_index(
        "ix_list_export_expires_at", "list_export", ["expires_at"], postgresql_where=sa.text("state = 'ready'")
    )


def _let_imports_be(states: Sequence[str]) -> None:
    op.drop_constraint(op.f(STATE_KNOWN), "file_import", type_="check")
    told = ", ".join(f"'{each}'" for each in states)
    op.create_check_constraint(op.f(STATE_KNOWN), "file_import", f"state IN ({told})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE file_import SET state = 'discarded', data = NULL WHERE state IN ('failed', 'cancelled')")
    _let_imports_be(IMPORT_STATES)
    op.drop_table("list_export_part")
    op.drop_table("list_export")
