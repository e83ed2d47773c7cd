"""The audit log: who did what, when. It is looked at, and never changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.models import ApiKey
from apps.backoffice.formats import link_of
from apps.backoffice.history.audit_log import API_KEY, EXPORT, OTHER_KINDS, USER, action_text, names_of_actors, who
from apps.backoffice.history.changes import changes_of, names_in
from apps.backoffice.history.values import Reader
from apps.backoffice.lists.filters import Choice, Days, Related
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.permissions import AuditPermission
from apps.backoffice.requests import id_of, locale_of
from apps.backoffice.urls import PATH
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry, views_of
from apps.core.models import AuditEntry
from apps.core.text.i18n import Lazy, said
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain

Choices = Mapping[str, tuple[Lazy, ColumnElement[bool]]]


def what(entry: AuditEntry, name: str, request: Request) -> str:
    return said(action_text(entry.action), locale_of(request))


def of_what(entry: Any, name: str, request: Request) -> Any:
    """Its kind and what it was called, leading to it while it is there; the name for who may look at such things."""
    view = entry.view
    if view is None:
        kind = said(OTHER_KINDS.get(entry.subject, entry.subject), locale_of(request))
        return f"{kind}: {entry.name}" if entry.name else kind
    if entry.action == EXPORT:
        return view.name_plural.in_locale(locale_of(request))
    text: str = view.name.in_locale(locale_of(request))
    if entry.name and view.may(request, Access.LIST):
        text = f"{text}: {entry.name}"
    return link_of(f"{PATH}/{view.identity}/details/{entry.subject_id}", text, request) if entry.is_there else text


def by_user(id: UUID) -> ColumnElement[bool]:
    """What a user did, and their API keys."""
    keys = select(literal(API_KEY) + cast(ApiKey.id, String)).where(ApiKey.user_id == id)
    return AuditEntry.actor.in_(select(literal(f"{USER}{id}")).union_all(keys))


KINDS_OF_ENTRIES: Choices = {
    "exports": (_("Exports"), AuditEntry.action == EXPORT),
    "people": (_("Users and roles"), AuditEntry.action.startswith("accounts.")),
}


def by_kind(kinds: Choices) -> Choice:
    return Choice("kind", _("Action"), kinds, is_counted=False)


class AuditAdmin(View, model=AuditEntry):
    name, name_plural, group = _("Audit log entry"), _("Audit log"), _("System")
    menu_place = 90
    permissions = {Access.LIST: AuditPermission.AUDIT_VIEW, Access.DETAILS: AuditPermission.AUDIT_VIEW}
    column_list = ["created_at", "action", "subject", "who"]
    column_labels = {
        "created_at": _("When"),
        "action": _("Action"),
        "subject": _("Object"),
        "subject_id": _("Object ID"),
        "who": _("Who"),
    }
    column_details_list = ["created_at", "action", "subject", "subject_id", "who"]
    column_formatters = {"action": what, "subject": of_what, "who": who}
    sorts = {"created_at": Sort(AuditEntry.id, UUID, is_descending=True)}
    filters = (
        Related("by", _("Who"), "user", by_user),
        Days("on", _("When"), AuditEntry.created_at, id=AuditEntry.id),
        by_kind(KINDS_OF_ENTRIES),
    )
    label_column = "action"
    search_help = _("Object, ID or action")

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        if id := id_of(words):
            return found.where(AuditEntry.subject_id == id)
        return found.where(or_(func.strpos(AuditEntry.action, words.lower()) > 0, contain(words, AuditEntry.name)))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        """Two statements."""
        names = await names_of_actors(session, {row.actor for row in rows})
        views: ViewRegistry = self._admin_ref.registry  # type: ignore[attr-defined]
        for row in rows:
            row.who, row.view = names.get(row.actor, row.actor), views.of_model(row.subject)
        there = await still_there(session, rows)
        for row in rows:
            row.is_there = row.subject_id in there

    async def panels(self, session: AsyncSession, row: Any, request: Request) -> Sequence[Panel]:
        """What changed is for who may look at the thing itself."""
        may_look = row.view is None or row.view.may(request, Access.LIST)
        reader = Reader(locale_of(request), names=await names_in(session, [row], views_of(request), request))
        changes = changes_of(row, row.view, reader) if may_look else []
        return [
            Panel(
                title=_("Changes"),
                columns=[_("Field"), _("Before"), _("After")],
                rows=[[each.label, each.before or "", each.after or ""] for each in changes],
                empty=_("No changes recorded.") if may_look else _("You have no permission to see this history."),
            )
        ]


async def still_there(session: AsyncSession, entries: Sequence[Any]) -> set[UUID]:
    """Of the rows that the entries are about: one statement, whatever their kinds."""
    ids: dict[Any, set[UUID]] = {}
    for entry in entries:
        if entry.view is not None and entry.subject == entry.view.model.__name__:
            ids.setdefault(entry.view.model.id, set()).add(entry.subject_id)
    found = [select(id.label("id")).where(id.in_(some)) for id, some in ids.items()]
    return set(await session.scalars(union_all(*found))) if found else set()
