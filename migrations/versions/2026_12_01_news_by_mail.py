"""Who wants the band's news by mail, and since when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_news_by_mail"
down_revision: str | None = "2026_12_01_list_exports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "news_agreed_at"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("users", "registration"):
        op.add_column(table, sa.Column(NAME, sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_users_news_agreed_at", "users", ["id"], postgresql_where=sa.text("news_agreed_at IS NOT NULL"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_users_news_agreed_at", "users")
    for table in ("registration", "users"):
        op.drop_column(table, NAME)
