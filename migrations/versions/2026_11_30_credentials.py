"""What people sign in with stands in a table of its own; who has no password has no row, and no "!" in place of one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_credentials"
down_revision: str | None = "2026_11_29_reserved_units"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('password')", name="ck_credential_kind_known"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_credential_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_credential"),
    )
    is_password = sa.text("kind = 'password'")
    op.create_index("uq_credential_password", "credential", ["user_id"], unique=True, postgresql_where=is_password)
    op.execute(
        "INSERT INTO credential (id, user_id, kind, secret)"
        " SELECT gen_random_uuid(), id, 'password', password_hash FROM users WHERE password_hash <> '!'"
    )
    op.drop_column("users", "password_hash")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("password_hash", sa.Text(), server_default="!", nullable=False))
    op.execute(
        "UPDATE users SET password_hash = secret FROM credential"
        " WHERE credential.user_id = users.id AND credential.kind = 'password'"
    )
    op.alter_column("users", "password_hash", server_default=None)
    op.drop_table("credential")
