"""Payments that somebody has to see to: why they failed, whether they are settled, money that does not agree.

Reports of providers that cannot be understood are parked.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_payments_to_see_to"
down_revision: str | None = "2026_11_29_held_from_networks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEW = ["payments.reports", "payments.attend"]
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[]))
WHERE permissions @> to_jsonb(CAST(:having AS text[]))
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")
NO_MONEY_CAME = "UPDATE payment SET state = 'cancelled' WHERE state = 'confirmed' AND captured = 0"
SETTLED = """
UPDATE payment SET settled_at = coalesce(confirmed_at, created_at)
WHERE state = 'confirmed' AND (
    EXISTS (SELECT FROM orders WHERE orders.id = payment.owner_id AND orders.payment_id = payment.id)
    OR EXISTS (SELECT FROM refund WHERE refund.payment_id = payment.id)
)
"""
FAILURES = "failure IN ('declined', 'insufficient_funds', 'expired_card', 'not_authenticated', 'other')"
PROBLEMS = "problem IN ('unreadable', 'unknown_kind', 'unknown_payment', 'unknown_refund', 'impossible')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    upgrade_payment()
    op.create_table(
        "payment_discrepancy",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_discrepancy_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_discrepancy_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_discrepancy")),
        sa.UniqueConstraint(
            "payment_id", "amount", "currency", name=op.f("uq_payment_discrepancy_payment_id_amount_currency")
        ),
    )
    upgrade_inbox()
    op.create_index(
        "ix_orders_undelivered", "orders", ["paid_at"], postgresql_where="state = 'paid' AND delivered_at IS NULL"
    )
    op.get_bind().execute(GIVE, {"new": NEW, "having": ["orders.refund"]})


def upgrade_payment() -> None:
    op.add_column("payment", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payment", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("payment", sa.Column("failure", sa.String(length=20), nullable=True))
    op.execute(NO_MONEY_CAME)
    op.execute(SETTLED)
    op.create_check_constraint(op.f("ck_payment_failure_known"), "payment", FAILURES)
    op.create_check_constraint(
        op.f("ck_payment_captured_when_confirmed"), "payment", "(captured > 0) = (state = 'confirmed')"
    )
    op.create_check_constraint(
        op.f("ck_payment_settled_when_confirmed"), "payment", "settled_at IS NULL OR state = 'confirmed'"
    )
    op.create_index(
        "ix_payment_received",
        "payment",
        ["checked_at"],
        postgresql_where="state = 'confirmed' AND settled_at IS NULL",
    )


def upgrade_inbox() -> None:
    op.add_column("webhook_event", sa.Column("body", sa.LargeBinary(), nullable=True))
    op.add_column("webhook_event", sa.Column("problem", sa.String(length=20), nullable=True))
    op.add_column("webhook_event", sa.Column("detail", sa.String(length=200), server_default="", nullable=False))
    op.create_check_constraint(op.f("ck_webhook_event_problem_known"), "webhook_event", PROBLEMS)
    op.create_index("ix_webhook_event_unhandled", "webhook_event", ["id"], postgresql_where="handled_at IS NULL")
    op.create_index("ix_webhook_event_problem", "webhook_event", ["id"], postgresql_where="problem IS NOT NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.get_bind().execute(TAKE, {"new": NEW})
    op.drop_index("ix_orders_undelivered", table_name="orders")
    op.drop_index("ix_webhook_event_problem", table_name="webhook_event")
    op.drop_index("ix_webhook_event_unhandled", table_name="webhook_event")
    for column in ("detail", "problem", "body"):
        op.drop_column("webhook_event", column)
    op.drop_table("payment_discrepancy")
    op.drop_index("ix_payment_received", table_name="payment")
    op.drop_constraint(op.f("ck_payment_captured_when_confirmed"), "payment")
    for column in ("failure", "dismissed_at", "settled_at"):
        op.drop_column("payment", column)
