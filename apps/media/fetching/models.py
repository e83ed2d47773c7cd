"""Remote pictures, and the state of fetching each."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful


class FetchState(StrEnum):
    """`failed`: given up, until somebody asks for another try."""

    waiting = "waiting"
    fetched = "fetched"
    failed = "failed"


class PictureFetch(Stateful, UUIDBase):
    """One address. `hash` is that of the picture of ours it became; `reason` and `detail` say why the last try failed.

    It is due at `try_at`; whoever fetches it has it until `claimed_until`.
    """

    __tablename__ = "picture_fetch"
    __table_args__ = (
        enum_check("state", FetchState),
        Index("ix_picture_fetch_waiting", "try_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_picture_fetch_failed", "id", postgresql_where=text("state = 'failed'")),
    )
    TRANSITIONS: ClassVar[Mapping[FetchState, frozenset[FetchState]]] = {
        FetchState.waiting: frozenset({FetchState.fetched, FetchState.failed}),
        FetchState.failed: frozenset({FetchState.waiting, FetchState.fetched}),
        FetchState.fetched: frozenset({FetchState.waiting}),
    }

    url: Mapped[str] = mapped_column(String(2000), unique=True)
    state: Mapped[FetchState] = mapped_column(
        enum_type(FetchState), default=FetchState.waiting, server_default=FetchState.waiting
    )
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    try_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    claimed_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(40), default="", server_default="")
    detail: Mapped[str] = mapped_column(String(200), default="", server_default="")
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
