"""Asking for the export of a large list, cancelling it, and finding it again: each person their own."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.repositories import UserRepository
from apps.backoffice.exports.models import ListExport
from apps.backoffice.exports.repositories import ListExportRepository, drop_parts, open_of
from apps.backoffice.history.audit_log import EXPORT
from apps.backoffice.views.base import View
from apps.core.audit import record_about
from apps.core.errors import AppError, NotFound
from apps.core.jobs import JOBS, enqueue
from apps.core.jobs.long_jobs import LongJobState
from apps.core.text.i18n import lazy as _

MOST_OPEN = 3
"""Of one person, at a time."""
MAKE = "backoffice.make_export"
"""The job, by its name: it draws all views, which lead here."""


class TooManyListExports(AppError):
    status = 409
    type = "too-many-list-exports"
    message = _("Several of your exports are being prepared. Wait until they are ready, or cancel one.")


async def ask_for_export(
    session: AsyncSession, current_user: CurrentUser, view: View, params: Mapping[str, str], *, locale: str
) -> ListExport:
    """The same one again while it is being made. Raises TooManyListExports."""
    await UserRepository(session=session).find_locked(current_user.id)
    under_way, query = await open_of(session, current_user.id), urlencode(params)
    for each in under_way:
        if (each.view, each.query, each.locale) == (view.identity, query, locale):
            return each
    if len(under_way) >= MOST_OPEN:
        raise TooManyListExports
    export = ListExport(user_id=current_user.id, view=view.identity, query=query, locale=locale)
    session.add(export)
    await session.flush()
    record_export(session, view, query, actor=current_user.actor)
    await enqueue(session, JOBS[MAKE].call(export_id=export.id))
    return export


def record_export(session: AsyncSession, view: View, query: str, *, actor: str) -> None:
    """It is about a list, which has no row."""
    kind, id = view.model.__name__, uuid5(NAMESPACE_URL, view.identity)
    record_about(session, EXPORT, kind, id, actor=actor, after={"query": query[:2000]})


async def cancel_export(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """What is written of it is gone. One that has ended stays as it is. Raises NotFound."""
    export = await ListExportRepository(session=session).lock_one(
        ListExport.id == id, ListExport.user_id == current_user.id
    )
    if export is None:
        raise NotFound
    if export.is_open:
        export.move(LongJobState.cancelled)
        await session.flush()
        await drop_parts(await session.connection(), export.id)


async def find_ready(session: AsyncSession, current_user: CurrentUser, id: UUID) -> ListExport:
    """Raises NotFound for another person's, and for what is not ready or not kept any more."""
    export = await session.get(ListExport, id)
    if export is None or export.user_id != current_user.id or export.state is not LongJobState.ready:
        raise NotFound
    return export
