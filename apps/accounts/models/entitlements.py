"""What users are entitled to beyond what everybody may: "club.gold" until the end of June."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase


class Entitlement(UUIDBase):
    """A user has `key` until `ends_at`, or for good. `source`: "staff", or what else it comes from: "membership:<id>".

    The same key of two sources is two rows: one may end, and the user still has it.
    """

    __tablename__ = "entitlement"
    __table_args__ = (UniqueConstraint("user_id", "key", "source"), Index("ix_entitlement_key", "key"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(60))
    ends_at: Mapped[datetime | None]
