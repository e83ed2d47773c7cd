"""The books: transfers that nobody changes, those of all payments so far, and what does not agree with the providers.

What was paid, sent back and disputed before is written once, so that the books are whole from the first day.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from project.settings import settings

revision: str = "2026_12_01_books"
down_revision: str | None = "2026_12_01_invoices"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BOOKS, DIFFERENCE = "ledger_transfer", "payment_difference"
NEW, HAVING = ["books.view", "books.edit", "books.export"], ["payments.attend", "orders.refund"]
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[]))
WHERE permissions @> to_jsonb(CAST(:having AS text[]))
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")
ACCOUNTS = "'provider', 'bank', 'fees', 'disputed', 'orders'"
TRIGGERS = (
    """
CREATE FUNCTION refuse_to_change_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The books are only added to: a mistake is mended by another transfer.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    """
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_books()""",
    """
CREATE FUNCTION check_pending_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger_transfer pending WHERE pending.id = NEW.pending_id AND pending.phase = 'pending'
        AND (pending.debit_account, pending.credit_account, pending.amount, pending.currency, pending.provider)
          = (NEW.debit_account, NEW.credit_account, NEW.amount, NEW.currency, NEW.provider);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'What is posted or voided was pending, with the same accounts and amount.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$""",
    """
CREATE TRIGGER ends_what_is_pending BEFORE INSERT ON ledger_transfer
FOR EACH ROW WHEN (NEW.pending_id IS NOT NULL) EXECUTE FUNCTION check_pending_transfer()""",
)
SO_FAR = """
WITH transfers (moment, key, cause, phase, pending_since, debit, credit, amount, currency, provider, owner_id) AS (
    SELECT coalesce(confirmed_at, checked_at), 'charge:' || id, 'charge', 'at_once', NULL::timestamptz, 'provider', 'orders', captured, currency, provider,
        owner_id
    FROM payment WHERE captured > 0
    UNION ALL
    SELECT refund.created_at, 'refund:' || refund.id, 'refund', 'pending', NULL, 'orders', 'provider', refund.amount,
        currency, provider, owner_id
    FROM refund JOIN payment ON payment.id = payment_id
    UNION ALL
    SELECT refund.checked_at, concat_ws(':', 'refund', refund.id, ended.phase), 'refund', ended.phase,
        refund.created_at, 'orders', 'provider', refund.amount, currency, provider, owner_id
    FROM refund JOIN payment ON payment.id = payment_id
        JOIN (VALUES ('done', 'posted'), ('failed', 'voided')) AS ended (state, phase) ON ended.state = refund.state
    UNION ALL
    SELECT dispute.created_at, concat_ws(':', 'dispute', dispute.id, 1), 'dispute', 'at_once', NULL,
        CASE dispute.state WHEN 'open' THEN 'disputed' ELSE 'orders' END, 'provider', dispute.amount, dispute.currency,
        provider, owner_id
    FROM payment_dispute dispute JOIN payment ON payment.id = payment_id WHERE dispute.state <> 'won'
), numbered AS (
    SELECT *, pg_temp.ledger_id(moment, key) AS id FROM transfers
)
INSERT INTO ledger_transfer (id, created_at, entry_id, key, cause, phase, pending_id, debit_account, credit_account,
    amount, currency, provider, owner_id, day)
SELECT id, moment, id, key, cause, phase,
    pg_temp.ledger_id(pending_since, split_part(key, ':', 1) || ':' || split_part(key, ':', 2)),
    debit, credit, amount, currency, provider, owner_id, (moment AT TIME ZONE :zone)::date
FROM numbered ORDER BY pending_since IS NOT NULL, id
"""
LEDGER_ID = """
CREATE FUNCTION pg_temp.ledger_id(moment timestamptz, key text) RETURNS uuid LANGUAGE sql AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7' || substr(md5(key), 1, 3)
            || '8' || substr(md5(key), 4, 15))::uuid
$$"""
"""A UUIDv7 of that moment, always the same for one key."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_books()
    for statement in (*TRIGGERS, LEDGER_ID):
        op.execute(statement)
    op.execute(sa.text(SO_FAR).bindparams(zone=settings.time_zone))
    _create_differences()
    op.execute(GIVE.bindparams(new=NEW, having=HAVING))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TAKE.bindparams(new=NEW))
    op.drop_table(DIFFERENCE)
    op.drop_table(BOOKS)
    op.execute("DROP FUNCTION refuse_to_change_books")
    op.execute("DROP FUNCTION check_pending_transfer")


def _create_books() -> None:
    op.create_table(
        BOOKS,
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("phase", sa.String(20), nullable=False),
        sa.Column("pending_id", sa.Uuid(), nullable=True),
        sa.Column("debit_account", sa.String(20), nullable=False),
        sa.Column("credit_account", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('charge', 'fee', 'refund', 'dispute', 'payout')", name=op.f("ck_ledger_transfer_cause_known")
        ),
        sa.CheckConstraint(
            "phase IN ('at_once', 'pending', 'posted', 'voided')", name=op.f("ck_ledger_transfer_phase_known")
        ),
        sa.CheckConstraint(f"debit_account IN ({ACCOUNTS})", name=op.f("ck_ledger_transfer_debit_account_known")),
        sa.CheckConstraint(f"credit_account IN ({ACCOUNTS})", name=op.f("ck_ledger_transfer_credit_account_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_transfer_amount")),
        sa.CheckConstraint("debit_account <> credit_account", name=op.f("ck_ledger_transfer_two_accounts")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_ledger_transfer_currency")),
        sa.CheckConstraint(
            "(pending_id IS NOT NULL) = (phase IN ('posted', 'voided'))",
            name=op.f("ck_ledger_transfer_ends_what_is_pending"),
        ),
        sa.ForeignKeyConstraint(["pending_id"], ["ledger_transfer.id"], name=op.f("fk_ledger_transfer_pending_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_transfer_key")),
        sa.UniqueConstraint("pending_id", name=op.f("uq_ledger_transfer_pending_id")),
    )
    op.create_index("ix_ledger_transfer_owner_id", BOOKS, ["owner_id"])
    op.create_index("ix_ledger_transfer_day", BOOKS, ["day"], postgresql_using="brin")


def _create_differences() -> None:
    op.create_table(
        DIFFERENCE,
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("problem", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("here", sa.BigInteger(), nullable=True),
        sa.Column("there", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(200), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.CheckConstraint("kind IN ('charge', 'refund')", name=op.f("ck_payment_difference_kind_known")),
        sa.CheckConstraint(
            "problem IN ('missing_here', 'missing_there', 'other_amount', 'other_currency', 'other_state')",
            name=op.f("ck_payment_difference_problem_known"),
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_difference_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_difference")),
        sa.UniqueConstraint(
            "provider", "kind", "reference", name=op.f("uq_payment_difference_provider_kind_reference")
        ),
    )
    op.create_index(
        "ix_payment_difference_open",
        DIFFERENCE,
        ["id"],
        postgresql_where=sa.text("gone_at IS NULL AND dismissed_at IS NULL"),
    )
    op.create_index("ix_payment_difference_payment_id", DIFFERENCE, ["payment_id"])
