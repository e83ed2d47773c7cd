"""What people asked for about their data: exports and erasures, a table each."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "2026_11_30_personal_data"
down_revision: str | None = "2026_11_30_api_keys"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
OPEN = sa.text("state IN ('asked', 'running')")
EXPORT_STATES = "state IN ('asked', 'running', 'ready', 'failed', 'cancelled', 'expired')"
ERASURE_STATES = "state IN ('asked', 'running', 'done', 'cancelled')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_data_export()
    _create_erasure_request()


def _create_data_export() -> None:
    op.create_table(
        "data_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.CheckConstraint(EXPORT_STATES, name=op.f("ck_data_export_state_known")),
        sa.CheckConstraint("(state = 'ready') = (result IS NOT NULL)", name=op.f("ck_data_export_result_when_ready")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_data_export_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
    )
    op.create_index("ix_data_export_user_id", "data_export", ["user_id", "id"])
    op.create_index("uq_data_export_one_open", "data_export", ["user_id"], unique=True, postgresql_where=OPEN)
    op.create_index(
        "ix_data_export_expires_at", "data_export", ["expires_at"], postgresql_where=sa.text("state = 'ready'")
    )


def _create_erasure_request() -> None:
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_by", sa.String(120), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("email", sa.String(254), server_default="", nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        *(
            sa.Column(name, JSONB(), server_default=sa.text("'[]'"), nullable=False)
            for name in ("ids", "words", "steps")
        ),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(ERASURE_STATES, name=op.f("ck_erasure_request_state_known")),
        sa.CheckConstraint(
            "state IN ('asked', 'running') OR email = ''", name=op.f("ck_erasure_request_names_nobody_afterwards")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_request")),
    )
    op.create_index("ix_erasure_request_user_id", "erasure_request", ["user_id"])
    op.create_index("uq_erasure_request_one_open", "erasure_request", ["user_id"], unique=True, postgresql_where=OPEN)
    op.create_index("ix_erasure_request_due_at", "erasure_request", ["due_at"], postgresql_where=OPEN)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("erasure_request")
    op.drop_table("data_export")
