"""Fans see whether what is taken of a full pool is sold, or only held and may come back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_held_or_sold"
down_revision: str | None = "2026_11_29_file_imports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The pool does not change when what is held of it is sold. Of a full one that is told when too little is held for any
# piece to come back, once; a transaction that notifies commits under a lock of the whole server. Of two that sell the
# last holds at the same moment each still sees the other's: then answers are wrong as long as they may be kept.
TELL_OF_LAST_HELD = """
CREATE FUNCTION tell_of_last_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pool
        JOIN offer_pool ON offer_pool.pool_id = pool.id
        WHERE pool.id = new.pool_id AND capacity - taken < offer_pool.units
            AND capacity - taken + coalesce((
                SELECT sum(enough.units) FROM (
                    SELECT units FROM hold WHERE hold.pool_id = pool.id AND state = 'held' LIMIT offer_pool.units
                ) AS enough
            ), 0) < offer_pool.units
    ) THEN
        PERFORM pg_notify('catalogue', pg_current_xact_id()::text || ' ' || now()::text);
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_hold_held", "hold", ["pool_id", "expires_at"], postgresql_where=sa.text("state = 'held'"))
    op.drop_index("ix_hold_expires_at", table_name="hold")
    op.execute(TELL_OF_LAST_HELD)
    op.execute(
        "CREATE TRIGGER tell_of_last_held AFTER UPDATE ON hold FOR EACH ROW "
        "WHEN (old.state = 'held' AND new.state = 'sold') EXECUTE FUNCTION tell_of_last_held()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER tell_of_last_held ON hold")
    op.execute("DROP FUNCTION tell_of_last_held")
    op.create_index(
        "ix_hold_expires_at", "hold", ["expires_at", "pool_id"], postgresql_where=sa.text("expires_at IS NOT NULL")
    )
    op.drop_index("ix_hold_held", table_name="hold")
