"""Resolves references in forms by name: only to rows of views that the current user may list."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice.fields import Reference
from apps.backoffice.forms.values import chosen_ids, located, references
from apps.backoffice.requests import id_of
from apps.backoffice.views.base import View
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import lazy as _

NONE_OF_THIS_NAME = _("Nothing found with this name.")
MANY_OF_THIS_NAME = _("Several have this name. Choose one from the list, or type more of the name.")
Views = Mapping[str, View]
"""By identity, those that the person may look through."""


async def resolve(session: AsyncSession, form: Form, views: Views) -> None:
    """References that were typed become ids. Raises Invalid for names that say nothing, or too much."""
    errors = []
    for path, field in located(form):
        if not isinstance(field, Reference) or not field.is_open:
            continue
        words, view = field.words, views.get(field.identity)
        same = await find_named(session, view, words) if words and view else []
        field.data = str(same[0].id) if len(same) == 1 else None
        if words and len(same) != 1:
            errors.append(FieldError(path, MANY_OF_THIS_NAME if same else NONE_OF_THIS_NAME))
    if errors:
        raise Invalid(errors=errors)


async def find_named(session: AsyncSession, view: View, words: str) -> Sequence[Any]:
    """Rows of this very name, else all that autocompletion offers."""
    found = await view.suggest(session, words)
    return [row for row in found if view.label(row).casefold() == words.casefold()] or found


async def name_references(session: AsyncSession, form: Form, views: Views) -> None:
    """Puts beside each chosen id what people call it: one statement for each kind."""
    names: dict[UUID, str] = {}
    for identity, ids in chosen_ids(form).items():
        if view := views.get(identity):
            rows = (await session.scalars(view.scope().where(view.model.id.in_(ids)))).unique()
            names |= {row.id: view.label(row) for row in rows}
    for field in references(form):
        if (id := id_of(str(field.data))) and not field.is_open:
            field.chosen = field.words = names.get(id, "")


def open_references(form: Form, views: Views, request: Request) -> None:
    """Closed are those that the person may look nothing up for; to some they may add what is missing."""
    for field in references(form):
        view = views.get(field.identity)
        field.is_closed = view is None
        field.may_add = view is not None and view.may(request, Access.CREATE)
