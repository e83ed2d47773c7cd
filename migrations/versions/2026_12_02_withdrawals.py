"""Withdrawals from the contract: nobody withdraws more pieces than were bought and not refunded."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_02_withdrawals"
down_revision: str | None = "2026_12_02_order_disputes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
WITHIN_LINE = """
CREATE FUNCTION refuse_excess_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line order_line%ROWTYPE;
  withdrawn bigint;
BEGIN
  SELECT * INTO line FROM order_line WHERE id = NEW.order_line_id FOR NO KEY UPDATE;
  SELECT coalesce(sum(quantity), 0) INTO withdrawn
    FROM withdrawal_line JOIN withdrawal ON withdrawal.id = withdrawal_id
   WHERE order_line_id = NEW.order_line_id AND state IN ('open', 'received_back');
  IF NEW.quantity + withdrawn > line.quantity - line.refunded_quantity
     OR line.order_id <> (SELECT order_id FROM withdrawal WHERE id = NEW.withdrawal_id)
  THEN
    RAISE EXCEPTION 'a withdrawal is within its order' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
"""
REFUSE_EXCESS = (
    "CREATE TRIGGER refuse_excess_withdrawal BEFORE INSERT OR UPDATE ON withdrawal_line"
    " FOR EACH ROW EXECUTE FUNCTION refuse_excess_withdrawal()"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.String(12), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("note", sa.String(500), server_default="", nullable=False),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'received_back', 'refunded', 'refused')", name=op.f("ck_withdrawal_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_at IS NOT NULL)", name=op.f("ck_withdrawal_refused_has_time")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_withdrawal_order_id_key")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_withdrawal_order_id")),
    )
    op.create_index("ix_withdrawal_order_number", "withdrawal", ["order_number"])
    op.create_index(
        "ix_withdrawal_waiting", "withdrawal", ["id"], postgresql_where="state IN ('open', 'received_back')"
    )
    _create_line()
    for statement in (WITHIN_LINE, REFUSE_EXCESS):
        op.execute(statement)


def _create_line() -> None:
    op.create_table(
        "withdrawal_line",
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_withdrawal_line_has_quantity")),
        sa.PrimaryKeyConstraint("withdrawal_id", "order_line_id", name=op.f("pk_withdrawal_line")),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawal.id"], name=op.f("fk_withdrawal_line_withdrawal_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_withdrawal_line_order_line_id")),
    )
    op.create_index("ix_withdrawal_line_order_line_id", "withdrawal_line", ["order_line_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("withdrawal_line")
    op.drop_table("withdrawal")
    op.execute("DROP FUNCTION refuse_excess_withdrawal()")
