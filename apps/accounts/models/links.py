"""What waits for its reader: accounts to confirm, and links to set a password with."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase, enum_check, enum_type


class Registration(UUIDBase):
    """An account that somebody has asked for and not confirmed yet. `token_hash` is of the link that was mailed.

    It is confirmed with the password that was chosen, or with the passkey that was made (as Credential has it).
    `news_agreed_at`: when they have asked for the band's news with it.
    """

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        CheckConstraint("(password_hash IS NULL) <> (passkey_id IS NULL)", name="has_one_proof"),
        CheckConstraint("(passkey_key IS NULL) = (passkey_id IS NULL)", name="passkey_is_whole"),
        Index("ix_registration_email", "email"),
        Index("ix_registration_expires_at", "expires_at"),
    )

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5))
    password_hash: Mapped[str | None] = mapped_column(Text, deferred=True)
    passkey_id: Mapped[str | None] = mapped_column(String(1400))
    passkey_key: Mapped[str | None] = mapped_column(Text, deferred=True)
    passkey_counter: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    passkey_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
    news_agreed_at: Mapped[datetime | None]


class EmailChange(UUIDBase):
    """A change of address that waits for one or both of the addresses to confirm it."""

    __tablename__ = "email_change"
    __table_args__ = (
        CheckConstraint("new_email = lower(new_email)", name="new_email_is_lower"),
        Index("ix_email_change_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    new_email: Mapped[str] = mapped_column(String(254))
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Confirmed(StrEnum):
    """Of a change: one of the two addresses has confirmed it, or both, and the address is the new one now."""

    one = "one"
    both = "both"


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
