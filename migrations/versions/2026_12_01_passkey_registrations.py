"""An account may be asked for with a passkey in the place of a password."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_12_01_passkey_registrations"
down_revision: str | None = "2026_12_01_carts_of_users"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE = "registration"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column(TABLE, "password_hash", nullable=True)
    op.add_column(TABLE, sa.Column("passkey_id", sa.String(length=1400), nullable=True))
    op.add_column(TABLE, sa.Column("passkey_key", sa.Text(), nullable=True))
    op.add_column(TABLE, sa.Column("passkey_counter", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(TABLE, sa.Column("passkey_name", sa.String(length=200), server_default="", nullable=False))
    one, whole = "(password_hash IS NULL) <> (passkey_id IS NULL)", "(passkey_key IS NULL) = (passkey_id IS NULL)"
    op.create_check_constraint(op.f("ck_registration_has_one_proof"), TABLE, one)
    op.create_check_constraint(op.f("ck_registration_passkey_is_whole"), TABLE, whole)


def downgrade() -> None:
    """Who asked with a passkey asks again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM registration WHERE password_hash IS NULL")
    op.drop_constraint(op.f("ck_registration_passkey_is_whole"), TABLE)
    op.drop_constraint(op.f("ck_registration_has_one_proof"), TABLE)
    for column in ("passkey_name", "passkey_counter", "passkey_key", "passkey_id"):
        op.drop_column(TABLE, column)
    op.alter_column(TABLE, "password_hash", nullable=False)
