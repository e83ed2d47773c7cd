"""What people asked for about their data: exports, and being erased."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful
from apps.core.jobs.long_jobs import LongJob, LongJobState


class DataExport(LongJob, UUIDBase):
    """All that is held about a user, as it was when they asked: `done` of `total` tables are read.

    `result` is the JSON, kept until `expires_at`.
    """

    __tablename__ = "data_export"
    __table_args__ = (
        enum_check("state", LongJobState),
        CheckConstraint("(state = 'ready') = (result IS NOT NULL)", name="result_when_ready"),
        Index("ix_data_export_user_id", "user_id", "id"),
        Index(
            "uq_data_export_one_open", "user_id", unique=True, postgresql_where=text("state IN ('asked', 'running')")
        ),
        Index("ix_data_export_expires_at", "expires_at", postgresql_where=text("state = 'ready'")),
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    result: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class ErasureState(StrEnum):
    """Of an erasure: it waits for its day and can be cancelled, is being done, is done, or was cancelled."""

    asked = "asked"
    running = "running"
    done = "done"
    cancelled = "cancelled"


class ErasureRequest(Stateful, UUIDBase):
    """That a user wants to be erased at `due_at`. Until then, and while something of theirs is open, they may not.

    It outlives the user, so it names them by an id alone once it is done. `ids` and `words` are how their rows are
    found while it runs, `steps` which tables are done with.
    """

    __tablename__ = "erasure_request"
    __table_args__ = (
        enum_check("state", ErasureState),
        CheckConstraint("state IN ('asked', 'running') OR email = ''", name="names_nobody_afterwards"),
        Index("ix_erasure_request_user_id", "user_id"),
        Index(
            "uq_erasure_request_one_open",
            "user_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'running')"),
        ),
        Index("ix_erasure_request_due_at", "due_at", postgresql_where=text("state IN ('asked', 'running')")),
    )
    TRANSITIONS: ClassVar[Mapping[ErasureState, frozenset[ErasureState]]] = {
        ErasureState.asked: frozenset({ErasureState.running, ErasureState.cancelled}),
        ErasureState.running: frozenset({ErasureState.done}),
        ErasureState.done: frozenset(),
        ErasureState.cancelled: frozenset(),
    }

    user_id: Mapped[UUID]
    state: Mapped[ErasureState] = mapped_column(enum_type(ErasureState), default=ErasureState.asked)
    asked_by: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime]
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    is_confirmed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    locale: Mapped[str] = mapped_column(String(5))
    ids: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    words: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    steps: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    finished_at: Mapped[datetime | None]
