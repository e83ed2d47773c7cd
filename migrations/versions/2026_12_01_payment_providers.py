"""What providers call the money of a payment, and disputes about it.

A refund that was done may fail later.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_payment_providers"
down_revision: str | None = "2026_11_30_oidc"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

DISPUTE = "payment_dispute"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("payment", sa.Column("charge_reference", sa.String(200), nullable=True))
    op.create_index(
        "ix_payment_charge_reference",
        "payment",
        ["charge_reference"],
        postgresql_where=sa.text("charge_reference IS NOT NULL"),
    )
    op.create_table(
        DISPUTE,
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(100), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_payment_dispute_state_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_dispute_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_dispute_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_dispute")),
        sa.UniqueConstraint("payment_id", "reference", name=op.f("uq_payment_dispute_payment_id_reference")),
    )
    op.create_index("ix_payment_dispute_open", DISPUTE, ["created_at"], postgresql_where=sa.text("state = 'open'"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table(DISPUTE)
    op.drop_index("ix_payment_charge_reference", "payment")
    op.drop_column("payment", "charge_reference")
