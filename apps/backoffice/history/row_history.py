"""The history of a row and its parts, newest first. The same change of several parts is shown once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.history.audit_log import action_text, names_of_actors
from apps.backoffice.history.changes import Change, changes_of, names_in, reader_of
from apps.backoffice.history.revert import may_be_reverted
from apps.backoffice.urls import revert_url
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry
from apps.core.models import AuditEntry
from apps.core.text.i18n import Lazy

MOST_ENTRIES = 300
SHOWN = 50


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """`parts` are what it was done with, where that is not the row itself; `revert` is where it can be undone."""

    at: datetime
    what: Lazy | str
    who: Lazy | str
    parts: Sequence[str]
    changes: Sequence[Change]
    is_new: bool
    revert: str


async def history_of(
    session: AsyncSession, views: ViewRegistry, view: View, row: Any, request: Request
) -> list[HistoryEntry]:
    """Two statements, and those that name parts and ids."""
    parts = await view.parts_of(session, row)
    found = select(AuditEntry).where(AuditEntry.subject_id.in_([row.id, *parts]))
    newest = found.order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc()).limit(MOST_ENTRIES)
    entries = (await session.scalars(newest)).all()
    people = await names_of_actors(session, {entry.actor for entry in entries})
    reader = reader_of(request, view, row, await names_in(session, entries, views, request))
    with_changes = [(entry, changes_of(entry, views.of_model(entry.subject) or view, reader)) for entry in entries]
    return list(_grouped(with_changes, parts, people, views, request))[:SHOWN]


def _grouped(
    with_changes: Sequence[tuple[AuditEntry, list[Change]]],
    parts: Mapping[UUID, str],
    people: Mapping[str, Lazy | str],
    views: ViewRegistry,
    request: Request,
) -> Iterator[HistoryEntry]:
    for _key, alike in groupby(with_changes, key=_alike):
        group = list(alike)
        entry, changes = group[-1]
        entries = [each for each, _changes in reversed(group)]
        yield HistoryEntry(
            at=entry.created_at,
            what=action_text(entry.action),
            who=people.get(entry.actor, entry.actor),
            parts=[parts[each.subject_id] for each in entries if each.subject_id in parts],
            changes=changes,
            is_new=not entry.before,
            revert=_revert_url(entries, views.of_model(entry.subject), request),
        )


def _alike(entry_with_changes: tuple[AuditEntry, list[Change]]) -> Any:
    entry, changes = entry_with_changes
    return entry.created_at.replace(microsecond=0), entry.action, entry.actor, entry.subject, str(changes)


def _revert_url(entries: Sequence[AuditEntry], view: View | None, request: Request) -> str:
    if view is None or not (view.may(request, Access.LIST) and view.may(request, Access.EDIT)):
        return ""
    if not all(may_be_reverted(view, each) for each in entries):
        return ""
    return revert_url(view.identity, [each.id for each in entries])
