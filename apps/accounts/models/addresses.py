"""Where parcels for a user go."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase


class UserAddress(UUIDBase):
    """An address that a user keeps, with who lives there. One of them is the default, which checkout begins with."""

    __tablename__ = "user_address"
    __table_args__ = (
        Index("ix_user_address_user_id", "user_id"),
        Index("uq_user_address_default", "user_id", unique=True, postgresql_where=text("is_default")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[dict[str, Any]]
    is_default: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
