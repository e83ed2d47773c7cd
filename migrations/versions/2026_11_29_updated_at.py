"""When products, concerts and orders were last changed, kept by triggers; indexes for tags and vendors."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_updated_at"
down_revision: str | None = "2026_11_29_invitations"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("product", "concert", "orders")
TOUCH = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$
"""
# A row that this transaction has written already (xmin) is touched no second time.
TOUCH_PRODUCT = """
CREATE FUNCTION touch_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE product SET updated_at = clock_timestamp()
    WHERE id IN (OLD.product_id, NEW.product_id) AND xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$
"""
TOUCH_CONCERT = """
CREATE FUNCTION touch_concert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE concert SET updated_at = clock_timestamp()
    WHERE id IN (OLD.concert_id, NEW.concert_id) AND xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$
"""
TOUCH_SELLER = """
CREATE FUNCTION touch_seller() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid := CASE WHEN TG_TABLE_NAME = 'offer' THEN to_jsonb(NEW)->>'id'
        ELSE coalesce(to_jsonb(NEW)->>'offer_id', to_jsonb(OLD)->>'offer_id') END;
BEGIN
    UPDATE product SET updated_at = clock_timestamp() FROM variant
    WHERE variant.offer_id = changed AND product.id = variant.product_id
        AND product.xmin <> pg_current_xact_id()::xid;
    UPDATE concert SET updated_at = clock_timestamp() FROM ticket_type
    WHERE ticket_type.offer_id = changed AND concert.id = ticket_type.concert_id
        AND concert.xmin <> pg_current_xact_id()::xid;
    RETURN NULL;
END $$
"""
ANY_CHANGE = "INSERT OR UPDATE OR DELETE"
PARTS = {
    "variant": (ANY_CHANGE, "touch_product"),
    "product_image": (ANY_CHANGE, "touch_product"),
    "ticket_type": (ANY_CHANGE, "touch_concert"),
    "offer": ("UPDATE", "touch_seller"),
    "offer_price": (ANY_CHANGE, "touch_seller"),
    "offer_pool": (ANY_CHANGE, "touch_seller"),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in TABLES:
        moment = sa.DateTime(timezone=True)
        op.add_column(table, sa.Column("updated_at", moment, server_default=sa.func.now(), nullable=False))
        op.alter_column(table, "updated_at", server_default=sa.func.clock_timestamp())
        op.create_index(f"ix_{table}_updated_at", table, ["updated_at", "id"])
    op.create_index("ix_product_vendor", "product", ["vendor", "id"])
    op.create_index("ix_product_tags", "product", ["tags"], postgresql_using="gin")
    for function in (TOUCH, TOUCH_PRODUCT, TOUCH_CONCERT, TOUCH_SELLER):
        op.execute(function)
    for table in TABLES:
        op.execute(f"CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch()")
    for table, (changes, function) in PARTS.items():
        op.execute(f"CREATE TRIGGER touch AFTER {changes} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in (*TABLES, *PARTS):
        op.execute(f"DROP TRIGGER touch ON {table}")
    for function in ("touch", "touch_product", "touch_concert", "touch_seller"):
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_index("ix_product_tags", table_name="product", postgresql_using="gin")
    op.drop_index("ix_product_vendor", table_name="product")
    for table in TABLES:
        op.drop_index(f"ix_{table}_updated_at", table_name=table)
        op.drop_column(table, "updated_at")
