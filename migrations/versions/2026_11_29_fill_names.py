"""What things are called now, for the entries that were there before names_in_the_trail.

In a transaction of its own: whoever adds a column keeps readers out until theirs ends.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_11_29_fill_names"
down_revision: str | None = "2026_11_29_names_in_the_trail"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FILL = """
UPDATE audit_entry SET name = left(named.name, 300)
FROM (
    SELECT id, 'Category' AS kind, title AS name FROM category
    UNION ALL SELECT id, 'Concert', title FROM concert
    UNION ALL SELECT id, 'Order', number FROM orders
    UNION ALL SELECT id, 'Pool', name FROM pool
    UNION ALL SELECT id, 'Product', title FROM product
    UNION ALL SELECT id, 'Role', title FROM role
    UNION ALL SELECT id, CASE kind WHEN 'ticket' THEN 'TicketType' ELSE 'Variant' END, title FROM offer
    UNION ALL SELECT id, 'Tour', title FROM tour
    UNION ALL SELECT id, 'User', coalesce(nullif(name, ''), email) FROM users
    UNION ALL SELECT id, 'Venue', name FROM venue
) AS named
WHERE audit_entry.subject = named.kind AND audit_entry.subject_id = named.id
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FILL)


def downgrade() -> None:
    """The column goes with the migration before."""
