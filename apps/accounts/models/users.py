"""Users and their roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Base, UUIDBase

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

    `email_confirmed_at`: when the user has shown that they read what is sent to it. `news_agreed_at`: since when they
    want the band's news by mail; nobody else says so for them.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        Index("ix_users_news_agreed_at", "id", postgresql_where=text("news_agreed_at IS NOT NULL")),
    )

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    locale: Mapped[str] = mapped_column(String(5))
    email_confirmed_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    news_agreed_at: Mapped[datetime | None]

    @property
    def actor(self) -> str:
        """For the audit log."""
        return f"user:{self.id}"


class UserRole(Base):
    __tablename__ = "user_role"
    __table_args__ = (Index("ix_user_role_role_id", "role_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"), primary_key=True)
