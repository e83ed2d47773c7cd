"""Who refunds orders and sees to payments may mark bank transfers as received."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_bank_transfers"
down_revision: str | None = "2026_12_01_news_by_mail"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEW, HAVING = ["payments.receive"], ["payments.attend", "orders.refund"]
GIVE = sa.text("""
UPDATE role SET permissions = permissions || to_jsonb(CAST(:new AS text[]))
WHERE permissions @> to_jsonb(CAST(:having AS text[]))
""")
TAKE = sa.text("UPDATE role SET permissions = permissions - CAST(:new AS text[])")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(GIVE.bindparams(new=NEW, having=HAVING))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TAKE.bindparams(new=NEW))
