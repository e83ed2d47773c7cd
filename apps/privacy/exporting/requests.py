"""Asking for an export, cancelling it, and reading it: always after a fresh proof."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from apps.accounts.current_user import CurrentUser
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.core.audit import record
from apps.core.errors import AppError, NotFound
from apps.core.jobs import enqueue
from apps.core.jobs.long_jobs import LongJobState
from apps.core.privacy.holdings import holdings
from apps.core.text.i18n import lazy as _
from apps.privacy.jobs import make_export
from apps.privacy.models import DataExport
from apps.privacy.repositories import EXPORTS, OPEN_EXPORT, ExportRepository

MOST_A_DAY = 5
DAY = timedelta(days=1)


class ExportUnderWay(AppError):
    status = 409
    type = "export-under-way"
    message = _("Your data are being gathered already.")


class TooManyExports(AppError):
    status = 429
    type = "too-many-exports"
    message = _("You have asked for your data several times today. Please come back tomorrow.")


class ExportNotReady(AppError):
    status = 409
    type = "export-not-ready"
    message = _("This export cannot be read: it is not ready, or was deleted by now.")


class ExportEnded(AppError):
    status = 409
    type = "export-ended"
    message = _("This export has ended already.")


async def ask_for_export(session: AsyncSession, current_user: CurrentUser) -> DataExport:
    """One at a time. Raises ProofNeeded, ExportUnderWay, TooManyExports."""
    refuse_stale_proof(current_user)
    await UserRepository(session=session).find_locked(current_user.id)
    mine = EXPORTS.c.user_id == current_user.id
    is_recent = EXPORTS.c.created_at > func.clock_timestamp() - DAY
    counts = select(func.count().filter(OPEN_EXPORT), func.count().filter(is_recent)).select_from(EXPORTS).where(mine)
    open_ones, recent = (await session.execute(counts)).one()
    if open_ones:
        raise ExportUnderWay
    if recent >= MOST_A_DAY:
        raise TooManyExports
    export = DataExport(user_id=current_user.id, total=len(holdings()))
    session.add(export)
    await session.flush()
    record(session, "privacy.ask_for_export", export, actor=current_user.actor)
    await enqueue(session, make_export.call(export_id=export.id))
    await session.flush()
    return export


async def cancel_export(session: AsyncSession, current_user: CurrentUser, id: UUID) -> DataExport:
    """Raises NotFound, ExportEnded."""
    export = await _own(session, current_user, id)
    if export.state is not LongJobState.cancelled and not export.may_move(LongJobState.cancelled):
        raise ExportEnded
    if export.move(LongJobState.cancelled):
        record(session, "privacy.cancel_export", export, actor=current_user.actor)
    await session.flush()
    return export


async def read_export(session: AsyncSession, current_user: CurrentUser, id: UUID) -> bytes:
    """The JSON. That it was read is recorded. Raises ProofNeeded, NotFound, ExportNotReady."""
    refuse_stale_proof(current_user)
    found = select(DataExport).where(DataExport.id == id, DataExport.user_id == current_user.id)
    export = (await session.scalars(found.options(undefer(DataExport.result)))).one_or_none()
    if export is None:
        raise NotFound
    if export.result is None:
        raise ExportNotReady
    record(session, "privacy.read_export", export, actor=current_user.actor)
    await session.flush()
    return export.result


async def _own(session: AsyncSession, current_user: CurrentUser, id: UUID) -> DataExport:
    """Locked."""
    export = await ExportRepository(session=session).lock_one(
        DataExport.id == id, DataExport.user_id == current_user.id
    )
    if export is None:
        raise NotFound
    return export
