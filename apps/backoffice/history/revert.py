"""Reverts a change by the same service that makes changes, unless a field was changed again since."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from apps.backoffice.views.base import View
from apps.core.errors import AppError
from apps.core.models import AuditEntry
from apps.core.text.i18n import lazy as _

CHANGES = ("change", "rename")


class ChangedSince(AppError):
    status = 409
    type = "changed-since"
    message = _("“{name}” has been changed since. Please change it manually.")


class CannotBeReverted(AppError):
    status = 409
    type = "cannot-be-put-back"
    message = _("This change cannot be undone.")


def may_be_reverted(view: View, entry: AuditEntry) -> bool:
    """A change of fields that its form has, and that nobody else was told of."""
    word = entry.action.partition(".")[2].partition("_")[0]
    if view.schema is None or word not in CHANGES or entry.subject != view.model.__name__:
        return False
    fields = [name for name in entry.before if name not in view.follows]
    known = all(_field(name, view.schema) and name not in view.told_to_others for name in fields)
    return bool(fields) and known and entry.before.keys() == entry.after.keys()


def revert(view: View, resource: msgspec.Struct, entry: AuditEntry) -> msgspec.Struct:
    """What to write. Raises ChangedSince, CannotBeReverted."""
    schema: Any = view.schema
    facts = msgspec.to_builtins({name: getattr(resource, name) for name in schema.__struct_fields__})
    try:
        now, left, wanted = (
            msgspec.convert({**facts, **_fields(side, view)}, schema) for side in ({}, entry.after, entry.before)
        )
    except msgspec.ValidationError:
        raise CannotBeReverted from None
    if now != left:
        raise ChangedSince(name=entry.name)
    return wanted  # type: ignore[no-any-return]


def state_now(view: View, resource: msgspec.Struct, entry: AuditEntry) -> dict[str, Any]:
    """Of the columns that were changed, what is there now, as the audit log tells it."""
    names = [name for name in entry.before if name not in view.follows]
    return {name: msgspec.to_builtins(getattr(resource, _field(name, view.schema))) for name in names}


def _fields(side: Mapping[str, Any], view: View) -> dict[str, Any]:
    return {_field(name, view.schema): value for name, value in side.items() if name not in view.follows}


def _field(name: str, schema: Any) -> str:
    """The schema's name for a column: `category` for `category_id`; empty where it has none."""
    known: Sequence[str] = schema.__struct_fields__
    return next((each for each in (name, name.removesuffix("_id")) if each in known), "")
