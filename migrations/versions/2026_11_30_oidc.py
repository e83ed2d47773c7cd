"""What was right before a second factor is asked for: a password, or an identity that a provider knows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_oidc"
down_revision: str | None = "2026_11_30_personal_data"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE = "second_factor_request"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(TABLE, sa.Column("method", sa.String(20), server_default="password", nullable=False))
    op.add_column(TABLE, sa.Column("provider", sa.String(40), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_second_factor_request_method_known"), TABLE, "method IN ('password', 'passkey', 'oidc', 'link')"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column(TABLE, "provider")
    op.drop_column(TABLE, "method")
