"""What came of the last test call of each payment provider."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

revision: str = "2026_12_02_payment_providers"
down_revision: str | None = "2026_12_01_books"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAMES = ("stripe", "paypal", "yookassa", "bank_transfer", "cash", "demo")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    made = op.create_table(
        "payment_provider",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(20), nullable=True),
        sa.Column("detail", sa.String(60), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("problem IN ('no_answer', 'refused')", name="ck_payment_provider_problem_known"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_provider"),
        sa.UniqueConstraint("name", name="uq_payment_provider_name"),
    )
    op.bulk_insert(made, [{"id": uuid7(), "name": name} for name in NAMES])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("payment_provider")
