"""API schemas of one's own data."""

from uuid import UUID

from msgspec import Struct

from apps.core.jobs.long_jobs import LongJobState
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import Email
from apps.privacy.models import DataExport, ErasureRequest, ErasureState


class ExportOut(Struct, kw_only=True):
    """An export: `done` of `total` tables are read. What is ready can be read until `expires_at`."""

    id: UUID
    state: LongJobState
    total: int
    done: int
    asked_at: AwareDatetime
    expires_at: AwareDatetime | None


class ErasureIn(Struct, forbid_unknown_fields=True):
    """Whose account is to be erased."""

    email: Email


class ErasureOut(Struct, kw_only=True):
    """That the account is to be deleted at `due_at`. `waits_for`: what has to end first, in sentences."""

    id: UUID
    state: ErasureState
    asked_at: AwareDatetime
    due_at: AwareDatetime
    waits_for: list[str]


class MyDataOut(Struct, kw_only=True):
    """The newest exports, and whether the account is to be deleted. `open`: what a deletion would wait for now."""

    exports: list[ExportOut]
    erasure: ErasureOut | None
    open: list[str]


def export_out(export: DataExport) -> ExportOut:
    return ExportOut(
        id=export.id,
        state=export.state,
        total=export.total,
        done=export.done,
        asked_at=export.created_at,
        expires_at=export.expires_at,
    )


def erasure_out(request: ErasureRequest, waits_for: list[str]) -> ErasureOut:
    return ErasureOut(
        id=request.id,
        state=request.state,
        asked_at=request.created_at,
        due_at=request.due_at,
        waits_for=waits_for,
    )
