"""Sessions, their tokens, attempts to sign in, second factors: a table each."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "2026_11_30_sessions"
down_revision: str | None = "2026_11_30_webhooks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = sa.text("clock_timestamp()")
KINDS = "kind IN ('browser', 'api')"
RESULTS = (
    "result IN ('signed_in', 'second_factor_asked', 'unknown_address', 'wrong_password', 'wrong_second_factor',"
    " 'too_many_attempts', 'refused')"
)
SESSIONS = """
    INSERT INTO user_session (id, created_at, user_id, kind, proved_at, seen_at, expires_at, ended_at)
    SELECT session_id, min(created_at), user_id, CASE WHEN count(*) > 1 THEN 'api' ELSE 'browser' END,
        min(created_at), max(created_at), max(expires_at),
        CASE WHEN bool_or(used_at IS NULL AND revoked_at IS NULL) THEN NULL
             ELSE coalesce(max(revoked_at), max(used_at)) END
    FROM session_token GROUP BY session_id, user_id
"""
"""A program that has not renewed its token yet cannot be told from a browser: `kind` is corrected when it does."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _rename("user_session", "session_token")
    op.alter_column("session_token", "family", new_column_name="session_id")
    op.execute("ALTER INDEX ix_session_token_family RENAME TO ix_session_token_session_id")
    _create_user_session()
    op.execute(SESSIONS)
    op.drop_index("ix_session_token_user_id", "session_token")
    for column in ("user_id", "revoked_at"):
        op.drop_column("session_token", column)
    op.create_foreign_key(
        op.f("fk_session_token_session_id"), "session_token", "user_session", ["session_id"], ["id"], ondelete="CASCADE"
    )
    _create_sign_in()
    _create_second_factor_request()
    op.create_table(
        "ended_device",
        sa.Column("device", sa.String(16), nullable=False),
        sa.Column("ended_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_ended_device")),
    )
    op.create_table(
        "used_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("used_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_challenge")),
    )
    _create_email_change()
    _create_user_address()
    _widen_credential()


def _rename(old: str, new: str) -> None:
    op.rename_table(old, new)
    for index in ("user_id", "family", "expires_at"):
        op.execute(f"ALTER INDEX ix_{old}_{index} RENAME TO ix_{new}_{index}")
    for constraint in ("pk_{}", "uq_{}_token_hash"):
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {constraint.format(old)} TO {constraint.format(new)}")


def _create_user_session() -> None:
    op.create_table(
        "user_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("program", sa.String(200), server_default="", nullable=False),
        sa.Column("address", sa.String(45), server_default="", nullable=False),
        sa.Column("device", sa.String(16), nullable=True),
        sa.Column("has_second_factor", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("proved_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("seen_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("disowned_at", MOMENT, nullable=True),
        sa.Column("impersonator_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_user_session_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
    )
    op.execute("ALTER TABLE session_token DROP CONSTRAINT fk_user_session_user_id")
    op.create_foreign_key(
        op.f("fk_user_session_user_id"), "user_session", "users", ["user_id"], ["id"], ondelete="CASCADE"
    )
    op.create_foreign_key(
        op.f("fk_user_session_impersonator_id"),
        "user_session",
        "users",
        ["impersonator_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"])
    op.create_index("ix_user_session_impersonator_id", "user_session", ["impersonator_id"])
    op.create_index("ix_user_session_expires_at", "user_session", ["expires_at"])


def _create_sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(254), server_default="", nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("provider", sa.String(40), server_default="", nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("program", sa.String(200), server_default="", nullable=False),
        sa.Column("address", sa.String(45), server_default="", nullable=False),
        sa.Column("is_new_device", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_sign_in_kind_known")),
        sa.CheckConstraint(
            "method IN ('password', 'passkey', 'oidc', 'link', 'staff')", name=op.f("ck_sign_in_method_known")
        ),
        sa.CheckConstraint(RESULTS, name=op.f("ck_sign_in_result_known")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_user_id", "sign_in", ["user_id", "id"])
    op.create_index("ix_sign_in_session_id", "sign_in", ["session_id"])
    op.create_index("ix_sign_in_created_at", "sign_in", ["created_at"], postgresql_using="brin")


def _create_second_factor_request() -> None:
    op.create_table(
        "second_factor_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_second_factor_request_kind_known")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_second_factor_request_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor_request")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_second_factor_request_token_hash")),
    )
    op.create_index("ix_second_factor_request_expires_at", "second_factor_request", ["expires_at"])


def _create_email_change() -> None:
    op.create_table(
        "email_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("new_email", sa.String(254), nullable=False),
        sa.Column("old_confirmed_at", MOMENT, nullable=True),
        sa.Column("new_confirmed_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("new_email = lower(new_email)", name=op.f("ck_email_change_new_email_is_lower")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_email_change_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_change")),
        sa.UniqueConstraint("user_id", name=op.f("uq_email_change_user_id")),
    )
    op.create_index("ix_email_change_expires_at", "email_change", ["expires_at"])


def _create_user_address() -> None:
    op.create_table(
        "user_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=CLOCK, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", JSONB(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_address_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_address")),
    )
    op.create_index("ix_user_address_user_id", "user_address", ["user_id"])
    is_default = sa.text("is_default")
    op.create_index("uq_user_address_default", "user_address", ["user_id"], unique=True, postgresql_where=is_default)


def _widen_credential() -> None:
    op.execute("ALTER TABLE credential DROP CONSTRAINT ck_credential_kind_known")
    op.create_check_constraint(
        op.f("ck_credential_kind_known"),
        "credential",
        "kind IN ('password', 'totp', 'recovery_code', 'passkey', 'oidc')",
    )
    op.drop_index("uq_credential_password", "credential")
    op.alter_column("credential", "secret", server_default="")
    op.add_column("credential", sa.Column("external_id", sa.String(1400), nullable=True))
    op.add_column("credential", sa.Column("name", sa.String(200), server_default="", nullable=False))
    op.add_column("credential", sa.Column("counter", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("credential", sa.Column("used_at", MOMENT, nullable=True))
    op.add_column("credential", sa.Column("confirmed_at", MOMENT, nullable=True))
    one = sa.text("kind IN ('password', 'totp')")
    op.create_index("uq_credential_one_of_a_user", "credential", ["user_id", "kind"], unique=True, postgresql_where=one)
    op.create_index("ix_credential_user_id", "credential", ["user_id"])
    op.create_index("uq_credential_external_id", "credential", ["kind", "external_id"], unique=True)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM credential WHERE kind <> 'password'")
    for index in ("uq_credential_external_id", "ix_credential_user_id", "uq_credential_one_of_a_user"):
        op.drop_index(index, "credential")
    for column in ("confirmed_at", "used_at", "counter", "name", "external_id"):
        op.drop_column("credential", column)
    op.alter_column("credential", "secret", server_default=None)
    is_password = sa.text("kind = 'password'")
    op.create_index("uq_credential_password", "credential", ["user_id"], unique=True, postgresql_where=is_password)
    op.execute("ALTER TABLE credential DROP CONSTRAINT ck_credential_kind_known")
    op.create_check_constraint(op.f("ck_credential_kind_known"), "credential", "kind IN ('password')")
    for table in ("user_address", "email_change", "used_challenge", "ended_device", "second_factor_request", "sign_in"):
        op.drop_table(table)
    _join_sessions()


def _join_sessions() -> None:
    op.execute("ALTER TABLE session_token DROP CONSTRAINT fk_session_token_session_id")
    op.add_column("session_token", sa.Column("user_id", sa.Uuid(), nullable=True))
    op.add_column("session_token", sa.Column("revoked_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE session_token SET user_id = user_session.user_id, revoked_at = user_session.ended_at"
        " FROM user_session WHERE user_session.id = session_id"
    )
    op.alter_column("session_token", "user_id", nullable=False)
    op.drop_table("user_session")
    op.alter_column("session_token", "session_id", new_column_name="family")
    op.execute("ALTER INDEX ix_session_token_session_id RENAME TO ix_session_token_family")
    op.create_index("ix_session_token_user_id", "session_token", ["user_id"])
    _rename("session_token", "user_session")
    op.create_foreign_key(
        op.f("fk_user_session_user_id"), "user_session", "users", ["user_id"], ["id"], ondelete="CASCADE"
    )
