"""The page that asks to revert a change, and reverts it: all of its entries, or none."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from apps.accounts.sessions.proof import refuse_stale_proof
from apps.backoffice.actions.action import context_of
from apps.backoffice.errors import refusal_of
from apps.backoffice.forms.idempotency import keep_url, key_of, url_before
from apps.backoffice.history.changes import changes_of, names_in, reader_of
from apps.backoffice.history.revert import may_be_reverted, revert, state_now
from apps.backoffice.pages import form_page, led_to
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, db_of, id_of, locale_of, posted
from apps.backoffice.views.base import REVERTED, View
from apps.backoffice.views.registry import ViewRegistry
from apps.core.errors import AppError, NotFound
from apps.core.models import AuditEntry
from apps.core.text.i18n import lazy as _

MOST = 300
COLUMNS = (_("Field"), _("Now"), _("Before"))


async def show_revert(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.EDIT)
    if view.edits_need_proof:
        refuse_stale_proof(current_user_of(request))
    if request.method == "GET":
        return await _ask(views, request, view)
    typed = await posted(request)
    key = key_of(request, typed)
    try:
        async with db_of(request).begin() as session:
            if (url := await url_before(session, key)) is None:
                url = await _revert(views, request, view, session, key.id)
                await keep_url(session, key, url)
    except Exception as error:
        refused = refusal_of(request, error)
        if isinstance(refused, NotFound):
            raise
        return await _ask(views, request, view, error=refused)
    return led_to(url)


async def _ask(views: ViewRegistry, request: Request, view: View, *, error: AppError | None = None) -> Response:
    async with db_of(request).begin() as session:
        entries = await _entries(session, view, request)
        rows = [await view.find(session, str(entry.subject_id)) for entry in entries]
        resources = [await view.resource(session, row) for row in rows]
        pairs = list(zip(resources, entries, strict=True))
        reversals = [_reversal(view, resource, entry) for resource, entry in pairs]
        names = await names_in(session, reversals, views, request)
        panels = [_panel(view, row, each, request, names) for row, each in zip(rows, reversals, strict=True)]
        home = await view.home_of(session, rows[0])
    reason = error or _refusal(views, view, rows, pairs)
    sentence = reason.sentence(locale_of(request)) if reason else ""
    words = {"view": view, "panels": panels, "back": home, "reason": sentence}
    return form_page(views, request, "backoffice/revert.html", None, error=error, **words)


def _reversal(view: View, resource: Any, entry: AuditEntry) -> AuditEntry:
    """The entry as it would be if what is there now became what was there before."""
    before = {name: value for name, value in entry.before.items() if name not in view.follows}
    return AuditEntry(subject=entry.subject, before=before, after=state_now(view, resource, entry))


def _refusal(
    views: ViewRegistry, view: View, rows: Sequence[Any], pairs: Sequence[tuple[Any, AuditEntry]]
) -> AppError | None:
    """Why it would be refused at this moment."""
    try:
        for row in rows:
            view.refuse_unchangeable(row)
        for resource, entry in pairs:
            revert(view, resource, entry)
    except AppError as refused:
        return refused
    return None


async def _revert(views: ViewRegistry, request: Request, view: View, session: AsyncSession, key: UUID) -> str:
    """In the order of the ids, so that two at once do not lock one another out. Where it leads to."""
    context = context_of(request, session, key)
    for entry in await _entries(session, view, request):
        row = await view.find(session, str(entry.subject_id))
        view.refuse_unchangeable(row)
        locked = await view.lock(session, row)
        await view.write(context, locked, revert(view, await view.resource(session, locked), entry))
    home = await view.home_of(session, row)
    return f"{home}?done={REVERTED}"


async def _entries(session: AsyncSession, view: View, request: Request) -> Sequence[AuditEntry]:
    """Raises NotFound where one is no such change."""
    ids = {id for each in request.query_params.getlist("entry")[:MOST] if (id := id_of(each))}
    found = select(AuditEntry).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.subject_id, AuditEntry.id)
    entries = (await session.scalars(found)).all()
    if not ids or len(entries) != len(ids) or not all(may_be_reverted(view, each) for each in entries):
        raise NotFound
    return entries


def _panel(view: View, row: Any, entry: AuditEntry, request: Request, names: dict[str, str]) -> Panel:
    changes = changes_of(entry, view, reader_of(request, view, row, names))
    return Panel(
        title=view.label(row),
        columns=COLUMNS,
        rows=[[each.label, each.after, each.before] for each in changes],
        empty=_("No changes."),
    )
