"""What was given back of orders, and their mails that were asked for again, in tables instead of the audit trail.

The first entries of the trail did not tell the refund's key; payments know theirs. The foreign keys come last: they keep
writers of orders out, who need not wait until the trail is read.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_refunds_and_resends"
down_revision: str | None = "2026_11_29_kinds_of_offers"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFUNDS_OF_MONEY = """
INSERT INTO order_refund (id, created_at, order_id, key, reason, actor, amount, refund_id)
SELECT coalesce(entry.id, refund.id), refund.created_at, orders.id, substr(refund.key, length(orders.id || ':') + 1),
    refund.reason, coalesce(entry.actor, 'system'), refund.amount, refund.id
FROM refund
JOIN payment ON payment.id = refund.payment_id
JOIN orders ON orders.id = payment.owner_id AND starts_with(refund.key, orders.id || ':')
LEFT JOIN audit_entry AS entry
    ON entry.subject_id = orders.id AND entry.action = 'orders.refund' AND entry.after ->> 'key' = refund.key
"""
REFUNDS_WITHOUT_MONEY = """
INSERT INTO order_refund (id, created_at, order_id, key, reason, actor, amount)
SELECT entry.id, entry.created_at, orders.id, substr(entry.after ->> 'key', length(orders.id || ':') + 1),
    entry.after ->> 'reason', entry.actor, 0
FROM audit_entry AS entry
JOIN orders ON orders.id = entry.subject_id AND starts_with(entry.after ->> 'key', orders.id || ':')
WHERE entry.action = 'orders.refund' AND NOT EXISTS (SELECT FROM order_refund WHERE id = entry.id)
"""
PIECES = """
INSERT INTO order_refund_line (order_refund_id, order_line_id, quantity)
SELECT entry.id, piece.key::uuid, piece.value::int
FROM audit_entry AS entry
JOIN order_refund ON order_refund.id = entry.id
CROSS JOIN jsonb_each_text(entry.after -> 'pieces') AS piece
"""
RESENDS = """
INSERT INTO order_resend (id, created_at, order_id, recipient)
SELECT id, created_at, subject_id, after ->> 'to'
FROM audit_entry
WHERE action = 'orders.resend' AND created_at > clock_timestamp() - interval '1 hour'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_refunds()
    create_resends()
    op.execute(REFUNDS_OF_MONEY)
    op.execute(REFUNDS_WITHOUT_MONEY)
    op.execute(PIECES)
    op.execute(RESENDS)
    for table, column, whole in (
        ("order_refund_line", "order_line_id", "order_line"),
        ("order_refund", "refund_id", "refund"),
        ("order_refund", "order_id", "orders"),
        ("order_resend", "order_id", "orders"),
    ):
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, whole, [column], ["id"])


def create_refunds() -> None:
    op.create_table(
        "order_refund",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "amount >= 0 AND (amount > 0) = (refund_id IS NOT NULL)", name=op.f("ck_order_refund_money_is_sent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refund")),
        sa.UniqueConstraint("order_id", "key", name=op.f("uq_order_refund_order_id_key")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_order_refund_refund_id")),
    )
    op.create_table(
        "order_refund_line",
        sa.Column("order_refund_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_refund_line_has_quantity")),
        sa.ForeignKeyConstraint(
            ["order_refund_id"], ["order_refund.id"], name=op.f("fk_order_refund_line_order_refund_id")
        ),
        sa.PrimaryKeyConstraint("order_refund_id", "order_line_id", name=op.f("pk_order_refund_line")),
    )


def create_resends() -> None:
    op.create_table(
        "order_resend",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_resend")),
    )
    op.create_index("ix_order_resend_order_id", "order_resend", ["order_id", "created_at"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("order_resend")
    op.drop_table("order_refund_line")
    op.drop_table("order_refund")
