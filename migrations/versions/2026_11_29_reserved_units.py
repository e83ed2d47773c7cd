"""What is held or sold of a pool is reserved; what an offer takes of pools is its allocation, in the audit log too."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_reserved_units"
down_revision: str | None = "2026_11_29_refunds_and_resends"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

READ_POOLS = ("tell_of_what_is_left", "tell_of_last_held")
ENTRIES = """
UPDATE audit_entry
SET before = CASE WHEN before ? :old THEN before - :old || jsonb_build_object(:new, before -> :old) ELSE before END,
    after = CASE WHEN after ? :old THEN after - :old || jsonb_build_object(:new, after -> :old) ELSE after END
WHERE before ? :old OR after ? :old
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    rename_column("taken", "reserved")
    rename_in_entries("recipe", "allocation")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    rename_in_entries("allocation", "recipe")
    rename_column("reserved", "taken")


def rename_column(before: str, after: str) -> None:
    """Functions keep their text when a column that they read is renamed."""
    op.alter_column("pool", before, new_column_name=after)
    for name in READ_POOLS:
        definition = sa.select(sa.func.pg_get_functiondef(sa.text(f"'{name}'::regproc")))
        text = op.get_bind().execute(definition).scalar_one()
        op.execute(text.replace(before, after))


def rename_in_entries(before: str, after: str) -> None:
    op.execute(sa.text(ENTRIES).bindparams(sa.bindparam("old", before, sa.Text), sa.bindparam("new", after, sa.Text)))
