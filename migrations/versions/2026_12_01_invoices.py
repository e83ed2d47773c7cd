"""Invoices and credit notes: numbers without gaps, rows that nobody changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "2026_12_01_invoices"
down_revision: str | None = "2026_12_01_entitlements"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
IMMUTABLE = """
CREATE FUNCTION refuse_invoice_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.retained_until < CURRENT_DATE AND NEW.buyer = '{}'
     AND to_jsonb(NEW) - 'buyer' - 'previous' = to_jsonb(OLD) - 'buyer' - 'previous' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an invoice is never changed' USING ERRCODE = 'restrict_violation';
END $$
"""
WITHIN_INVOICE = """
CREATE FUNCTION refuse_excess_credit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE credited invoice%ROWTYPE;
BEGIN
  SELECT * INTO credited FROM invoice WHERE id = NEW.refers_to FOR UPDATE;
  IF credited.kind <> 'invoice' OR credited.order_id <> NEW.order_id OR credited.currency <> NEW.currency
     OR (SELECT sum(total) > credited.total OR sum(tax) > credited.tax FROM invoice WHERE refers_to = NEW.refers_to)
  THEN
    RAISE EXCEPTION 'a credit note is within its invoice' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
TRIGGERS = (
    "CREATE TRIGGER refuse_invoice_change BEFORE UPDATE OR DELETE ON invoice"
    " FOR EACH ROW EXECUTE FUNCTION refuse_invoice_change()",
    "CREATE TRIGGER refuse_invoice_truncate BEFORE TRUNCATE ON invoice"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_invoice_change()",
    "CREATE TRIGGER refuse_excess_credit AFTER INSERT ON invoice"
    " FOR EACH ROW WHEN (NEW.kind = 'credit_note') EXECUTE FUNCTION refuse_excess_credit()",
)
GIVEN = (
    ("invoices.view", "orders.view"),
    ("invoices.export", "orders.export"),
    ("invoices.issue", "orders.refund"),
)
"""Each new permission, and who has had what gets it."""
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[]))
WHERE permissions @> to_jsonb(CAST(:having AS text[]))
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "invoice_series",
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_invoice_series_not_negative")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_invoice_series")),
    )
    _create_invoice()
    _create_request()
    for statement in (IMMUTABLE, WITHIN_INVOICE, *TRIGGERS):
        op.execute(statement)
    for new, having in GIVEN:
        op.execute(GIVE.bindparams(new=[new], having=[having]))


def _create_invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("series", sa.String(24), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("previous", sa.Integer(), sa.Computed("NULLIF(serial - 1, 0)", persisted=True), nullable=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refers_to", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("order_number", sa.String(12), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("retained_until", sa.Date(), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("seller", "buyer", "lines", "taxes")),
        *_rules_of_invoice(),
    )
    op.create_index("uq_invoice_of_order", "invoice", ["order_id"], unique=True, postgresql_where="kind = 'invoice'")
    op.create_index("ix_invoice_order_id", "invoice", ["order_id"])
    op.create_index("ix_invoice_refers_to", "invoice", ["refers_to"], postgresql_where="refers_to IS NOT NULL")
    op.create_index("ix_invoice_created_at", "invoice", ["created_at", "id"])
    op.create_index("ix_invoice_retained_until", "invoice", ["retained_until"], postgresql_where="buyer <> '{}'")


def _rules_of_invoice() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoice_kind_known")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_invoice_counted_from_one")),
        sa.CheckConstraint(
            "total = net + tax AND net >= 0 AND tax >= 0 AND total > 0", name=op.f("ck_invoice_sums_up")
        ),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (refers_to IS NOT NULL) AND (kind = 'credit_note') = (refund_id IS NOT NULL)",
            name=op.f("ck_invoice_credits_an_invoice"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("series", "serial", name=op.f("uq_invoice_series_serial")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_invoice_refund_id")),
        sa.ForeignKeyConstraint(["series"], ["invoice_series.name"], name=op.f("fk_invoice_series")),
        sa.ForeignKeyConstraint(
            ["series", "previous"], ["invoice.series", "invoice.serial"], name=op.f("fk_invoice_series_previous")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoice_order_id")),
        sa.ForeignKeyConstraint(["refers_to"], ["invoice.id"], name=op.f("fk_invoice_refers_to")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_invoice_refund_id")),
    ]


def _create_request() -> None:
    op.create_table(
        "invoice_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.String(20), nullable=True),
        sa.CheckConstraint("problem IN ('tax')", name=op.f("ck_invoice_request_problem_known")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoice_request_order_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_invoice_request_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_request")),
    )
    op.create_index("ix_invoice_request_order_id", "invoice_request", ["order_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TAKE.bindparams(new=[new for new, _having in GIVEN]))
    for table in ("invoice_request", "invoice", "invoice_series"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_invoice_change()")
    op.execute("DROP FUNCTION refuse_excess_credit()")
