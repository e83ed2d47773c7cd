"""A hold knows the network that it came from, until it is sold."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_held_from_networks"
down_revision: str | None = "2026_11_29_mails_in_hand"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("hold", sa.Column("network", sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_hold_network_forgotten"), "hold", "state = 'held' OR network IS NULL")
    op.create_index("ix_hold_network", "hold", ["network", "pool_id"], postgresql_where=sa.text("network IS NOT NULL"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_hold_network", table_name="hold")
    op.drop_constraint(op.f("ck_hold_network_forgotten"), "hold")
    op.drop_column("hold", "network")
