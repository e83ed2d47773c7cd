"""What users prove who they are with."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase, enum_check, enum_type


class CredentialKind(StrEnum):
    password = "password"  # noqa: S105
    totp = "totp"
    recovery_code = "recovery_code"
    passkey = "passkey"
    oidc = "oidc"


ONE_OF_A_USER = "kind IN ('password', 'totp')"


class Credential(UUIDBase):
    """A way in which a user proves who they are.

    `secret`: of a password its argon2id hash, of TOTP the shared secret, encrypted; of a recovery code its SHA-256; of
    a passkey its public key. `external_id`: of a passkey its credential id, of OpenID Connect issuer and subject.
    `counter`: of TOTP the time step of the code used last, of a passkey its signature counter. `name` is what the user
    calls it; `confirmed_at` when a TOTP secret was shown to work.
    """

    __tablename__ = "credential"
    __table_args__ = (
        enum_check("kind", CredentialKind),
        Index("uq_credential_one_of_a_user", "user_id", "kind", unique=True, postgresql_where=text(ONE_OF_A_USER)),
        Index("ix_credential_user_id", "user_id"),
        Index("uq_credential_external_id", "kind", "external_id", unique=True),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[CredentialKind] = mapped_column(enum_type(CredentialKind))
    secret: Mapped[str] = mapped_column(Text, deferred=True, default="", server_default="")
    external_id: Mapped[str | None] = mapped_column(String(1400))
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    used_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
