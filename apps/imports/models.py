"""File imports: staff upload a file, review what it would change, and confirm."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful


class ImportState(StrEnum):
    """`ready`: it is known what it would change; nothing happens before somebody starts it.

    What is `cancelled` or has `failed` keeps what came in before, and its numbers say how much that was.
    """

    checking = "checking"
    ready = "ready"
    importing = "importing"
    done = "done"
    discarded = "discarded"
    failed = "failed"
    cancelled = "cancelled"


class FileImport(Stateful, UUIDBase):
    """Each kind of file is a subclass, in the app of what is brought in.

    `data` is the file, kept until it is done, cancelled or discarded. The numbers are what would come of it, then what
    came.

    `done` of `total` things are brought in. `report` is `apps.imports.report.Report`.
    """

    __tablename__ = "file_import"
    __table_args__ = (
        enum_check("state", ImportState),
        Index("ix_file_import_kind", "kind", "id"),
        Index("ix_file_import_kept", "created_at", postgresql_where=text("data IS NOT NULL")),
    )
    __mapper_args__ = {"polymorphic_on": "kind"}
    TRANSITIONS: ClassVar[Mapping[ImportState, frozenset[ImportState]]] = {
        ImportState.checking: frozenset({ImportState.ready, ImportState.failed, ImportState.discarded}),
        ImportState.ready: frozenset({ImportState.importing, ImportState.discarded}),
        ImportState.importing: frozenset({ImportState.done, ImportState.failed, ImportState.cancelled}),
        ImportState.done: frozenset(),
        ImportState.discarded: frozenset(),
        ImportState.failed: frozenset({ImportState.importing, ImportState.cancelled, ImportState.discarded}),
        ImportState.cancelled: frozenset(),
    }

    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    state: Mapped[ImportState] = mapped_column(enum_type(ImportState), default=ImportState.checking)
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    created: Mapped[int] = mapped_column(default=0, server_default="0")
    changed: Mapped[int] = mapped_column(default=0, server_default="0")
    unchanged: Mapped[int] = mapped_column(default=0, server_default="0")
    bad: Mapped[int] = mapped_column(default=0, server_default="0")
    report: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    asked_by: Mapped[str] = mapped_column(String(100))
    finished_at: Mapped[datetime | None]
