"""Tables of core, shop, concerts and checkout."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_21_first_light"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index("ix_answer_created_at", "answer", ["created_at"], unique=False, postgresql_using="brin")
    op.create_table(
        "audit_entry",
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject_id_created_at", "audit_entry", ["subject_id", "created_at"], unique=False)
    op.create_table(
        "cart",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("held_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
    )
    op.create_index("ix_cart_updated_at", "cart", ["updated_at"], unique=False, postgresql_using="brin")
    op.create_table(
        "demo_checkout",
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "failed", "paid", "closed", name="demostate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("return_url", sa.String(length=2000), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('open', 'failed', 'paid', 'closed')", name=op.f("ck_demo_checkout_state_known")),
        sa.CheckConstraint("refunded BETWEEN 0 AND amount", name=op.f("ck_demo_checkout_refunded_within_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_checkout")),
    )
    op.create_table(
        "mail",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
    )
    op.create_index("ix_mail_owner_id", "mail", ["owner_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("kind", sa.Enum("merch", "ticket", name="offerkind", native_enum=False, length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sale_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sale_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("max_per_order", sa.Integer(), server_default="10", nullable=False),
        sa.Column("max_per_customer", sa.Integer(), nullable=True),
        sa.Column("tax_class", sa.String(length=20), server_default="standard", nullable=False),
        sa.Column("needs_shipping", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('merch', 'ticket')", name=op.f("ck_offer_kind_known")),
        sa.CheckConstraint("max_per_customer > 0", name=op.f("ck_offer_customer_limit")),
        sa.CheckConstraint("max_per_order > 0", name=op.f("ck_offer_order_limit")),
        sa.CheckConstraint("sale_from < sale_until", name=op.f("ck_offer_sale_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "paid", "expired", "cancelled", "refunded", name="orderstate", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("shipping", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pay_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'paid', 'expired', 'cancelled', 'refunded')", name=op.f("ck_orders_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('paid', 'refunded') OR paid_at IS NOT NULL", name=op.f("ck_orders_paid_has_time")
        ),
        sa.CheckConstraint("refunded BETWEEN 0 AND total", name=op.f("ck_orders_refunded_within_total")),
        sa.CheckConstraint("total = subtotal + shipping AND total >= 0", name=op.f("ck_orders_sums_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_orders_cart_id")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    op.create_index("ix_orders_email", "orders", ["email"], unique=False)
    op.create_index(
        "ix_orders_pay_until", "orders", ["pay_until"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "payment",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "pending",
                "failed",
                "cancelled",
                "confirmed",
                name="paymentstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("pay_url", sa.String(length=2000), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "checked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('created', 'pending', 'failed', 'cancelled', 'confirmed')", name=op.f("ck_payment_state_known")
        ),
        sa.CheckConstraint("amount > 0 AND captured >= 0", name=op.f("ck_payment_amounts")),
        sa.CheckConstraint("refunded BETWEEN 0 AND captured", name=op.f("ck_payment_refunded_within_captured")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_owner_id", "payment", ["owner_id"], unique=False)
    op.create_index(
        "ix_payment_unsettled",
        "payment",
        ["checked_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('created', 'pending', 'failed')"),
    )
    op.create_index(
        "uq_payment_one_active",
        "payment",
        ["owner_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('created', 'pending', 'failed')"),
    )
    op.create_table(
        "pool",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_pool_not_oversold")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )
    op.create_table(
        "product",
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("vendor", sa.String(length=255), server_default="", nullable=False),
        sa.Column("category", sa.String(length=255), server_default="", nullable=False),
        sa.Column("tags", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column(
            "option_names", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("published", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
    )
    op.create_index("ix_product_published_title", "product", ["published", "title", "id"], unique=False)
    op.create_table(
        "venue",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("region", sa.String(length=120), server_default="", nullable=False),
        sa.Column("country", sa.String(length=120), server_default="", nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6, asdecimal=False), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("name", "city", "region", "country", name=op.f("uq_venue_name_city_region_country")),
    )
    op.create_table(
        "webhook_event",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_webhook_event_provider_event_id")),
    )
    op.create_table(
        "cart_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_line_has_quantity")),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("fk_cart_line_cart_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_cart_line_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_line")),
    )
    op.create_index("ix_cart_line_cart_id", "cart_line", ["cart_id"], unique=False)
    op.create_table(
        "concert",
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_sale_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "announced",
                "on_sale",
                "postponed",
                "cancelled",
                name="concertstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("lineup", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'announced', 'on_sale', 'postponed', 'cancelled')", name=op.f("ck_concert_state_known")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_concert_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concert")),
        sa.UniqueConstraint("external_id", name=op.f("uq_concert_external_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_concert_slug")),
    )
    op.create_index("ix_concert_starts_at", "concert", ["starts_at", "id"], unique=False)
    op.create_table(
        "demo_refund",
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_demo_refund_amount")),
        sa.ForeignKeyConstraint(["checkout_id"], ["demo_checkout.id"], name=op.f("fk_demo_refund_checkout_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_refund")),
    )
    op.create_table(
        "hold",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum("held", "sold", name="holdstate", native_enum=False, length=20), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state = 'held' OR expires_at IS NULL", name=op.f("ck_hold_sold_for_good")),
        sa.CheckConstraint("state IN ('held', 'sold')", name=op.f("ck_hold_state_known")),
        sa.CheckConstraint("units > 0", name=op.f("ck_hold_has_units")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_hold_pool_id")),
        sa.PrimaryKeyConstraint("item_id", "pool_id", name=op.f("pk_hold")),
    )
    op.create_index(
        "ix_hold_expires_at",
        "hold",
        ["expires_at", "pool_id"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_hold_owner_id", "hold", ["owner_id"], unique=False)
    op.create_table(
        "offer_pool",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("units", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_offer_pool_has_units")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_pool_offer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_offer_pool_pool_id")),
        sa.PrimaryKeyConstraint("offer_id", "pool_id", name=op.f("pk_offer_pool")),
    )
    op.create_index("ix_offer_pool_pool_id", "offer_pool", ["pool_id"], unique=False)
    op.create_table(
        "offer_price",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=True),
        sa.Column("compare_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_offer_price_not_negative")),
        sa.CheckConstraint("minimum >= 0", name=op.f("ck_offer_price_minimum_not_negative")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_price_offer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("offer_id", "currency", name=op.f("pk_offer_price")),
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("merch", "ticket", name="offerkind", native_enum=False, length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("refunded_quantity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("freed_quantity", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("kind IN ('merch', 'ticket')", name=op.f("ck_order_line_kind_known")),
        sa.CheckConstraint(
            "freed_quantity BETWEEN 0 AND refunded_quantity", name=op.f("ck_order_line_freed_within_refunded")
        ),
        sa.CheckConstraint("quantity > 0 AND total = quantity * unit_price", name=op.f("ck_order_line_sums_up")),
        sa.CheckConstraint(
            "refunded_quantity BETWEEN 0 AND quantity", name=op.f("ck_order_line_refunded_within_quantity")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_order_line_offer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
    )
    op.create_index("ix_order_line_offer_id", "order_line", ["offer_id"], unique=False)
    op.create_index("ix_order_line_order_id", "order_line", ["order_id"], unique=False)
    op.create_table(
        "product_image",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=False),
        sa.Column("alt", sa.String(length=512), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_image_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_image")),
        sa.UniqueConstraint("product_id", "source_url", name=op.f("uq_product_image_product_id_source_url")),
    )
    op.create_table(
        "refund",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum("created", "in_transit", "done", "failed", name="refundstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "checked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('created', 'in_transit', 'done', 'failed')", name=op.f("ck_refund_state_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_key")),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"], unique=False)
    op.create_index(
        "ix_refund_unsent",
        "refund",
        ["checked_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('created', 'in_transit')"),
    )
    op.create_table(
        "stock_movement",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum("received", "counted", "damaged", "returned", name="movementreason", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "reason IN ('received', 'counted', 'damaged', 'returned')", name=op.f("ck_stock_movement_reason_known")
        ),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_stock_movement_moves")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_stock_movement_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
    )
    op.create_index("ix_stock_movement_pool_id_created_at", "stock_movement", ["pool_id", "created_at"], unique=False)
    op.create_table(
        "variant",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sku", sa.String(length=255), server_default="", nullable=False),
        sa.Column("barcode", sa.String(length=255), server_default="", nullable=False),
        sa.Column("grams", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_variant_offer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_variant_product_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_variant")),
        sa.UniqueConstraint("product_id", "options", name=op.f("uq_variant_product_id_options")),
    )
    op.create_index("ix_variant_product_id_position", "variant", ["product_id", "position"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("address", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "unfulfilled",
                "packed",
                "shipped",
                "delivered",
                "returned",
                "waiting_for_pickup",
                "picked_up",
                "cancelled",
                name="shipmentstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "state IN ('unfulfilled', 'packed', 'shipped', 'delivered', 'returned', 'waiting_for_pickup', 'picked_up', 'cancelled')",
            name=op.f("ck_shipment_state_known"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_shipment_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipment_order_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_shipment_order_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_shipment_order_line_id")),
    )
    op.create_index("ix_shipment_order_id", "shipment", ["order_id"], unique=False)
    op.create_table(
        "ticket_type",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["concert_id"], ["concert.id"], name=op.f("fk_ticket_type_concert_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_ticket_type_offer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_ticket_type")),
    )
    op.create_index("ix_ticket_type_concert_id_position", "ticket_type", ["concert_id", "position"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_type_id", sa.Uuid(), nullable=False),
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column(
            "state",
            sa.Enum("valid", "cancelled", "resold", name="ticketstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("state IN ('valid', 'cancelled', 'resold')", name=op.f("ck_ticket_state_known")),
        sa.CheckConstraint("ordinal > 0", name=op.f("ck_ticket_ordinal")),
        sa.ForeignKeyConstraint(["concert_id"], ["concert.id"], name=op.f("fk_ticket_concert_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_ticket_order_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_ticket_order_line_id")),
        sa.ForeignKeyConstraint(["ticket_type_id"], ["ticket_type.offer_id"], name=op.f("fk_ticket_ticket_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("order_line_id", "ordinal", name=op.f("uq_ticket_order_line_id_ordinal")),
    )
    op.create_index("ix_ticket_concert_id", "ticket", ["concert_id"], unique=False)
    op.create_index("ix_ticket_order_id", "ticket", ["order_id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_ticket_order_id", table_name="ticket")
    op.drop_index("ix_ticket_concert_id", table_name="ticket")
    op.drop_table("ticket")
    op.drop_index("ix_ticket_type_concert_id_position", table_name="ticket_type")
    op.drop_table("ticket_type")
    op.drop_index("ix_shipment_order_id", table_name="shipment")
    op.drop_table("shipment")
    op.drop_index("ix_variant_product_id_position", table_name="variant")
    op.drop_table("variant")
    op.drop_index("ix_stock_movement_pool_id_created_at", table_name="stock_movement")
    op.drop_table("stock_movement")
    op.drop_index(
        "ix_refund_unsent", table_name="refund", postgresql_where=sa.text("state IN ('created', 'in_transit')")
    )
    op.drop_index("ix_refund_payment_id", table_name="refund")
    op.drop_table("refund")
    op.drop_table("product_image")
    op.drop_index("ix_order_line_order_id", table_name="order_line")
    op.drop_index("ix_order_line_offer_id", table_name="order_line")
    op.drop_table("order_line")
    op.drop_table("offer_price")
    op.drop_index("ix_offer_pool_pool_id", table_name="offer_pool")
    op.drop_table("offer_pool")
    op.drop_index("ix_hold_owner_id", table_name="hold")
    op.drop_index("ix_hold_expires_at", table_name="hold", postgresql_where=sa.text("expires_at IS NOT NULL"))
    op.drop_table("hold")
    op.drop_table("demo_refund")
    op.drop_index("ix_concert_starts_at", table_name="concert")
    op.drop_table("concert")
    op.drop_index("ix_cart_line_cart_id", table_name="cart_line")
    op.drop_table("cart_line")
    op.drop_table("webhook_event")
    op.drop_table("venue")
    op.drop_index("ix_product_published_title", table_name="product")
    op.drop_table("product")
    op.drop_table("pool")
    op.drop_index(
        "uq_payment_one_active",
        table_name="payment",
        postgresql_where=sa.text("state IN ('created', 'pending', 'failed')"),
    )
    op.drop_index(
        "ix_payment_unsettled",
        table_name="payment",
        postgresql_where=sa.text("state IN ('created', 'pending', 'failed')"),
    )
    op.drop_index("ix_payment_owner_id", table_name="payment")
    op.drop_table("payment")
    op.drop_index("ix_orders_pay_until", table_name="orders", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_orders_email", table_name="orders")
    op.drop_table("orders")
    op.drop_table("offer")
    op.drop_index("ix_mail_owner_id", table_name="mail")
    op.drop_table("mail")
    op.drop_table("demo_checkout")
    op.drop_index("ix_cart_updated_at", table_name="cart", postgresql_using="brin")
    op.drop_table("cart")
    op.drop_index("ix_audit_entry_subject_id_created_at", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index("ix_answer_created_at", table_name="answer", postgresql_using="brin")
    op.drop_table("answer")
