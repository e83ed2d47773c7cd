"""Pictures: what was uploaded, and whether it can be shown yet."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful


class ImageState(StrEnum):
    """Whether it can be shown: a job makes what is waiting, or finds that it cannot be decoded."""

    waiting = "waiting"
    ready = "ready"
    failed = "failed"


class Image(Stateful, UUIDBase):
    """`hash` is the SHA-256 of the file that came, `size` its bytes; width and height are of the upright picture.

    `used_at` is when the file came, or something began to show it, last. What has no row has no files either.
    """

    __tablename__ = "image"
    __table_args__ = (
        enum_check("state", ImageState),
        CheckConstraint("width > 0 AND height > 0", name="has_pixels"),
    )
    TRANSITIONS: ClassVar[Mapping[ImageState, frozenset[ImageState]]] = {
        ImageState.waiting: frozenset({ImageState.ready, ImageState.failed}),
        ImageState.failed: frozenset({ImageState.waiting}),
        ImageState.ready: frozenset({ImageState.waiting}),
    }

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    state: Mapped[ImageState] = mapped_column(enum_type(ImageState))
    used_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
