"""Webhooks: endpoints, events for them, deliveries and attempts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "2026_11_30_webhooks"
down_revision: str | None = "2026_11_30_credentials"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _endpoints()
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("thing", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_message"),
    )
    _deliveries()
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_delivery.id"],
            name="fk_webhook_attempt_delivery_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempt"),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id", "id"])


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("description", sa.String(length=200), server_default="", nullable=False),
        sa.Column("events", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("disabled", sa.String(length=20), nullable=True),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=8), nullable=False),
        sa.Column("secret_made_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("former_nonce", sa.LargeBinary(length=16), nullable=True),
        sa.Column("former_key_id", sa.LargeBinary(length=8), nullable=True),
        sa.Column("former_until", MOMENT, nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.CheckConstraint(
            "disabled IN ('by_staff', 'gone', 'failing')", name=op.f("ck_webhook_endpoint_disabled_known")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_index(
        "uq_webhook_endpoint_url",
        "webhook_endpoint",
        ["url"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("thing", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_try_at", MOMENT, nullable=True),
        sa.Column("try_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_state_known")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], name="fk_webhook_delivery_endpoint_id"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["webhook_message.id"],
            name="fk_webhook_delivery_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint("message_id", "endpoint_id", name="uq_webhook_delivery_message_id_endpoint_id"),
    )
    table = "webhook_delivery"
    op.create_index("ix_webhook_delivery_due", table, ["endpoint_id", "try_at", "position"], postgresql_where=WAITING)
    order = ["endpoint_id", "thing", "position"]
    op.create_index("ix_webhook_delivery_order", table, order, postgresql_where=WAITING)
    claimed = sa.text("state = 'waiting' AND claimed_until IS NOT NULL")
    op.create_index("ix_webhook_delivery_claimed", table, ["endpoint_id", "claimed_until"], postgresql_where=claimed)
    op.create_index("ix_webhook_delivery_endpoint_id", table, ["endpoint_id", "id"])
    op.create_index("ix_webhook_delivery_state", table, ["state", "id"])
    op.create_index("ix_webhook_delivery_type", table, ["type", "id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("webhook_attempt", "webhook_delivery", "webhook_message", "webhook_endpoint"):
        op.drop_table(table)
