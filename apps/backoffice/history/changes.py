"""The changes of an audit entry, for people: each field with its value before and after."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import NOTHING
from apps.backoffice.history.values import FIELDS, Reader, Telling, tell
from apps.backoffice.requests import id_of, locale_of
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry
from apps.core.models import AuditEntry
from apps.core.text.i18n import Lazy
from project.settings import settings


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` are as people read them, None where there was nothing to be told."""

    label: Lazy | str
    before: Any
    after: Any


def changes_of(entry: AuditEntry, view: View | None, reader: Reader) -> list[Change]:
    return list(_changes(entry, view, reader))


def _changes(entry: AuditEntry, view: View | None, reader: Reader) -> Iterator[Change]:
    tellings: Mapping[str, Telling] = view.recorded if view else {}
    labels: Mapping[str, Lazy] = view.column_labels if view else {}
    for name in dict.fromkeys([*entry.before, *entry.after]):
        telling = tellings.get(name, tell)
        before, after = (telling(side[name], reader) if name in side else None for side in (entry.before, entry.after))
        if before != after and not (before is None and after == NOTHING):
            yield Change(labels.get(name) or FIELDS.get(name) or name, before, after)


async def names_in(
    session: AsyncSession, entries: Collection[AuditEntry], views: ViewRegistry, request: Request
) -> dict[str, str]:
    """What the ids in them are called, as far as the person may look: one statement for each kind."""
    visible = views.visible_to(request)
    names: dict[str, str] = {}
    for identity, some in _ids_in(entries, views).items():
        if some and (view := visible.get(identity)):
            rows = (await session.scalars(view.scope().where(view.model.id.in_(some)))).unique()
            names |= {str(row.id): view.label(row) for row in rows}
    return names


def _ids_in(entries: Collection[AuditEntry], views: ViewRegistry) -> dict[str, set[Any]]:
    """By the view whose rows have them."""
    ids: dict[str, set[Any]] = {}
    for entry in entries:
        view = views.of_model(entry.subject)
        for name, identity in view.references.items() if view else ():
            for side in (entry.before, entry.after):
                ids.setdefault(identity, set()).update(filter(None, map(id_of, map(str, _listed(side.get(name))))))
    return ids


def _listed(value: Any) -> Collection[Any]:
    return value if isinstance(value, Mapping | list) else [value]


def reader_of(request: Request, view: View, row: Any, names: Mapping[str, str]) -> Reader:
    return Reader(locale_of(request), view.zone_of(row), getattr(row, "currency", settings.currency), names)
