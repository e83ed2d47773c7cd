"""People who sign in, what they prove it with, their roles, and the sessions of theirs that are alive."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Base, UUIDBase, enum_check, enum_type

ADMIN = "admin"
CUSTOMER = "customer"
"""The role of everybody who registers."""


class Role(UUIDBase):
    """A named set of permissions; `admin` has every one, those of later versions too. Built-in roles stay."""

    __tablename__ = "role"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    permissions: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    built_in: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class User(UUIDBase):
    """`email` is kept in lower case; whoever is `disabled_at` signs in no more.

    `email_confirmed_at`: when the user has shown that they read what is sent to it.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    locale: Mapped[str] = mapped_column(String(5))
    email_confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    @property
    def actor(self) -> str:
        """For the audit log."""
        return f"user:{self.id}"


class CredentialKind(StrEnum):
    password = "password"  # noqa: S105


class Credential(UUIDBase):
    """A way in which a user proves who they are. `secret` of a password is its argon2id hash."""

    __tablename__ = "credential"
    __table_args__ = (
        enum_check("kind", CredentialKind),
        Index("uq_credential_password", "user_id", unique=True, postgresql_where=text("kind = 'password'")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[CredentialKind] = mapped_column(enum_type(CredentialKind))
    secret: Mapped[str] = mapped_column(Text, deferred=True)


class UserRole(Base):
    __tablename__ = "user_role"
    __table_args__ = (Index("ix_user_role_role_id", "role_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"), primary_key=True)


class Registration(UUIDBase):
    """An account that somebody has asked for and not confirmed yet. `token_hash` is of the link that was mailed."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        Index("ix_registration_email", "email"),
        Index("ix_registration_expires_at", "expires_at"),
    )

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5))
    password_hash: Mapped[str] = mapped_column(Text, deferred=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]


class LinkPurpose(StrEnum):
    """`invitation`: staff have made the account. `reset`: the user has forgotten the password."""

    invitation = "invitation"
    reset = "reset"


class PasswordLink(UUIDBase):
    """A link by mail to set a password with, by its hash. It works once, until it expires."""

    __tablename__ = "password_link"
    __table_args__ = (
        enum_check("purpose", LinkPurpose),
        Index("ix_password_link_user_id", "user_id"),
        Index("ix_password_link_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[LinkPurpose] = mapped_column(enum_type(LinkPurpose))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]


class UserSession(UUIDBase):
    """One refresh token, by its hash. Using it makes the next of its `family`; using it twice ends the family.

    A family is alive while it has a token that is neither used, revoked nor expired.
    """

    __tablename__ = "user_session"
    __table_args__ = (
        Index("ix_user_session_user_id", "user_id"),
        Index("ix_user_session_family", "family"),
        Index("ix_user_session_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    family: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
