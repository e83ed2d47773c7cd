"""The log of mails: that each was sent, and once. Bodies are not kept: they carry ticket codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase


class Mail(UUIDBase):
    """`key` names the mail ("order-delivered:<order id>"), so that a repeated job does not send it twice.

    `sending_since`: a process has, or had, it in hand.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_owner_id", "owner_id"),)

    key: Mapped[str] = mapped_column(String(120), unique=True)
    owner_id: Mapped[UUID]
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    sending_since: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
