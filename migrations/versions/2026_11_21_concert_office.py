"""Deleting and exporting concerts."""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_21_concert_office"
down_revision: str | None = "2026_11_21_order_office"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        UPDATE role SET permissions = permissions || '["concerts.delete", "concerts.export"]'
        WHERE permissions @> '["concerts.edit"]'
    """)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("UPDATE role SET permissions = permissions - 'concerts.delete' - 'concerts.export'")
