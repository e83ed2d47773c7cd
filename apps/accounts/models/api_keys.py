"""Keys by which programs use the staff API."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase


class ApiKey(UUIDBase):
    """A key of a user (`user_id`), or of the band. One that is over stays: the audit log names it.

    `prefix` is its beginning, which is shown; `key_hash` the SHA-256 of all of it. Of `permissions` a user's key has
    those that its user has at that moment. `has_second_factor`: who made it had shown one. `used_at`: to some minutes.
    """

    __tablename__ = "api_key"
    __table_args__ = (Index("ix_api_key_user_id", "user_id", "id"),)

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    prefix: Mapped[str] = mapped_column(String(12))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    permissions: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    has_second_factor: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
