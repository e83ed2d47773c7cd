"""Orders found by name, state and parcels among a hundred thousand; what may be done with them in the back office."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_order_office"
down_revision: str | None = "2026_11_21_merch_office"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FOR_WHO_LOOKS = ["orders.note"]
FOR_WHO_REFUNDS = ["orders.edit", "orders.ship", "orders.resend", "orders.comp", "orders.export"]
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[]))
WHERE permissions @> to_jsonb(CAST(:having AS text[]))
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_orders_email", table_name="orders")
    op.create_index("ix_orders_email", "orders", ["email"], postgresql_ops={"email": "text_pattern_ops"})
    op.create_index("ix_orders_name", "orders", [sa.text("fold(name) gin_trgm_ops")], postgresql_using="gin")
    op.create_index("ix_orders_state", "orders", ["state", "id"])
    op.create_index("ix_payment_state", "payment", ["state", "id"])
    op.create_index("ix_shipment_state", "shipment", ["state", "order_id"])
    give(FOR_WHO_LOOKS, having="orders.view")
    give(FOR_WHO_REFUNDS, having="orders.refund")


def give(permissions: list[str], *, having: str) -> None:
    op.get_bind().execute(GIVE, {"new": permissions, "having": [having]})


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.get_bind().execute(TAKE, {"new": [*FOR_WHO_LOOKS, *FOR_WHO_REFUNDS]})
    op.drop_index("ix_shipment_state", table_name="shipment")
    op.drop_index("ix_payment_state", table_name="payment")
    op.drop_index("ix_orders_state", table_name="orders")
    op.drop_index("ix_orders_name", table_name="orders")
    op.drop_index("ix_orders_email", table_name="orders")
    op.create_index("ix_orders_email", "orders", ["email"])
