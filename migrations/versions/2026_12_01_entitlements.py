"""What users are entitled to, and offers for who has it: only for them, earlier, at a price of their own."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_entitlements"
down_revision: str | None = "2026_12_01_bank_transfers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEW, HAVING = ["entitlements.edit"], ["users.view", "orders.refund"]
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[]))
WHERE permissions @> to_jsonb(CAST(:having AS text[]))
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(GIVE.bindparams(new=NEW, having=HAVING))
    op.create_table(
        "entitlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_entitlement"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_entitlement_user_id", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "key", "source", name="uq_entitlement_user_id_key_source"),
    )
    op.create_index("ix_entitlement_key", "entitlement", ["key"])
    op.add_column("offer", sa.Column("entitlement", sa.String(60), nullable=True))
    op.add_column("offer", sa.Column("members_only", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("offer", sa.Column("early_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offer_price", sa.Column("member_amount", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        "members_known", "offer", "entitlement IS NOT NULL OR NOT members_only AND early_from IS NULL"
    )
    op.create_check_constraint("early_window", "offer", "early_from < sale_from")
    op.create_check_constraint("member_not_negative", "offer_price", "member_amount >= 0")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TAKE.bindparams(new=NEW))
    op.drop_column("offer_price", "member_amount")
    for name in ("early_from", "members_only", "entitlement"):
        op.drop_column("offer", name)
    op.drop_table("entitlement")
