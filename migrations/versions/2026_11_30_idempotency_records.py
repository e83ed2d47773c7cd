"""What is stored for requests that may be repeated is an idempotency record; jobs, actions and actors get the names of today."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_idempotency_records"
down_revision: str | None = "2026_11_29_reserved_units"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RECORDS = ("answer", "idempotency_record")
JOBS = (
    ("core.forget_answers", "core.forget_idempotency_records"),
    ("shop.mail_parcel_sent", "shop.mail_shipment_sent"),
)
ACTIONS = (("orders.change_buyer", "orders.change_customer"), ("orders.give_away", "orders.add_comp_order"))
ACTORS = (("buyer", "customer"),)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    rename_table(*RECORDS)
    for before, after in JOBS:
        rename_values("pgqueuer", "entrypoint", before, after)
    for before, after in ACTIONS:
        rename_values("audit_entry", "action", before, after)
    for before, after in ACTORS:
        rename_values("audit_entry", "actor", before, after)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for after, before in ACTORS:
        rename_values("audit_entry", "actor", before, after)
    for after, before in ACTIONS:
        rename_values("audit_entry", "action", before, after)
    for after, before in JOBS:
        rename_values("pgqueuer", "entrypoint", before, after)
    rename_table(*reversed(RECORDS))


def rename_table(before: str, after: str) -> None:
    """With its primary key and its index."""
    op.rename_table(before, after)
    op.execute(f"ALTER TABLE {after} RENAME CONSTRAINT pk_{before} TO pk_{after}")
    op.execute(f"ALTER INDEX ix_{before}_created_at RENAME TO ix_{after}_created_at")


def rename_values(table: str, column: str, before: str, after: str) -> None:
    rows = sa.table(table, sa.column(column, sa.Text))
    op.execute(rows.update().where(rows.c[column] == before).values({column: after}))
