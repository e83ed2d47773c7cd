"""Whoever keeps public answers is told when what fans see has changed (NOTIFY catalogue)."""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_21_tell_of_changes"
down_revision: str | None = "2026_11_21_catalogue_and_people"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# pool is not among them: it changes with every cart, and has a trigger that looks closer.
TABLES = (
    "category",
    "concert",
    "offer",
    "offer_pool",
    "offer_price",
    "product",
    "product_image",
    "product_price",
    "ticket_type",
    "tour",
    "variant",
    "venue",
)
# The payload is one and the same within a transaction, so that many statements are one notification; and no other
# transaction has it, be it of another database behind the same Redis.
TELL = """
CREATE FUNCTION tell_of_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('catalogue', pg_current_xact_id()::text || ' ' || now()::text);
    RETURN NULL;
END $$
"""
# Fans see how many pieces are left when it is 10 or less; 11 stands for more. A transaction that notifies commits
# under a lock of the whole server, so a hot sale must not do it before its last pieces.
TELL_WHAT_IS_LEFT = """
CREATE FUNCTION tell_of_what_is_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM old_rows
        JOIN new_rows ON new_rows.id = old_rows.id
        JOIN offer_pool ON offer_pool.pool_id = old_rows.id
        WHERE least((old_rows.capacity - old_rows.taken) / units, 11)
            <> least((new_rows.capacity - new_rows.taken) / units, 11)
    ) THEN
        PERFORM pg_notify('catalogue', pg_current_xact_id()::text || ' ' || now()::text);
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TELL)
    op.execute(TELL_WHAT_IS_LEFT)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER tell_of_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_change()"
        )
    op.execute(
        "CREATE TRIGGER tell_of_what_is_left AFTER UPDATE ON pool REFERENCING OLD TABLE AS old_rows "
        "NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_of_what_is_left()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER tell_of_what_is_left ON pool")
    for table in TABLES:
        op.execute(f"DROP TRIGGER tell_of_change ON {table}")
    op.execute("DROP FUNCTION tell_of_what_is_left")
    op.execute("DROP FUNCTION tell_of_change")
