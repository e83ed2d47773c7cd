"""Rows of bank statements by which payments were received."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_02_bank_statements"
down_revision: str | None = "2026_12_02_payment_providers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "bank_statement_row",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_bank_statement_row_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_statement_row"),
        sa.UniqueConstraint("digest", name="uq_bank_statement_row_digest"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("bank_statement_row")
    op.execute("DELETE FROM file_import WHERE kind = 'bank_statement'")
