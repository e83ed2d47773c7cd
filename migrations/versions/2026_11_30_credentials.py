"""What people sign in with stands in a table of its own; accounts are confirmed by mail, and passwords set by it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_credentials"
down_revision: str | None = "2026_11_30_idempotency_records"
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
        sa.CheckConstraint("kind IN ('password')", name=op.f("ck_credential_kind_known")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credential_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    is_password = sa.text("kind = 'password'")
    op.create_index("uq_credential_password", "credential", ["user_id"], unique=True, postgresql_where=is_password)
    op.execute(
        "INSERT INTO credential (id, user_id, kind, secret)"
        " SELECT gen_random_uuid(), id, 'password', password_hash FROM users WHERE password_hash <> '!'"
    )
    op.drop_column("users", "password_hash")
    op.add_column("users", sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    create_registration()
    rename_invitation("invitation", "password_link")
    op.add_column("password_link", sa.Column("purpose", sa.String(20), server_default="invitation", nullable=False))
    op.alter_column("password_link", "purpose", server_default=None)
    op.create_check_constraint(
        op.f("ck_password_link_purpose_known"), "password_link", "purpose IN ('invitation', 'reset')"
    )


def create_registration() -> None:
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_registration_email_is_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registration_token_hash")),
    )
    op.create_index("ix_registration_email", "registration", ["email"])
    op.create_index("ix_registration_expires_at", "registration", ["expires_at"])


def rename_invitation(old: str, new: str) -> None:
    op.rename_table(old, new)
    for index in ("user_id", "expires_at"):
        op.execute(f"ALTER INDEX ix_{old}_{index} RENAME TO ix_{new}_{index}")
    for constraint in ("pk_{}", "uq_{}_token_hash", "fk_{}_user_id"):
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {constraint.format(old)} TO {constraint.format(new)}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM password_link WHERE purpose <> 'invitation'")
    op.execute("ALTER TABLE password_link DROP CONSTRAINT ck_password_link_purpose_known")
    op.drop_column("password_link", "purpose")
    rename_invitation("password_link", "invitation")
    op.drop_table("registration")
    op.drop_column("users", "email_confirmed_at")
    op.add_column("users", sa.Column("password_hash", sa.Text(), server_default="!", nullable=False))
    op.execute(
        "UPDATE users SET password_hash = secret FROM credential"
        " WHERE credential.user_id = users.id AND credential.kind = 'password'"
    )
    op.alter_column("users", "password_hash", server_default=None)
    op.drop_table("credential")
