"""Exports of large lists, which a job makes part after part."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Base, UUIDBase, enum_check, enum_type
from apps.core.jobs.long_jobs import LongJob, LongJobState


class ExportFailure(StrEnum):
    """Why there is none, where it is known: who asked may not export the list now, or somebody in it was erased."""

    not_allowed = "not_allowed"
    person_erased = "person_erased"


class ListExport(LongJob, UUIDBase):
    """The list of a back-office `view`, as its address asks for it by `query`, in the language `locale`.

    `done` of `total` rows are written; the next one is at `place`, a cursor: "" is the beginning, None the end.
    """

    __tablename__ = "list_export"
    __table_args__ = (
        enum_check("state", LongJobState),
        enum_check("failure", ExportFailure),
        CheckConstraint("(state = 'ready') <= (expires_at IS NOT NULL)", name="kept_for_a_time"),
        Index("ix_list_export_user_id", "user_id", "id"),
        Index("ix_list_export_expires_at", "expires_at", postgresql_where=text("state = 'ready'")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    view: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(default="", server_default="")
    locale: Mapped[str] = mapped_column(String(5))
    place: Mapped[str | None] = mapped_column(default="", server_default="")
    failure: Mapped[ExportFailure | None] = mapped_column(enum_type(ExportFailure))


class ListExportPart(Base):
    """Some of its lines, compressed; `number` is how many rows are before them."""

    __tablename__ = "list_export_part"

    export_id: Mapped[UUID] = mapped_column(ForeignKey("list_export.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
