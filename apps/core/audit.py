"""The audit log: one row a change that matters, in the same transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.bulk import insert_rows
from apps.core.db.database import UUIDBase
from apps.core.models import AuditEntry

ENTRIES = AuditEntry.table()
SYSTEM = "system"
SECRET = re.compile(r"passw|secret|token|credential|cookie|authorization|nonce|[_-]key$|^codes?$", re.IGNORECASE)
"""What names of secrets look like; a lone `key`, of a request that may come twice, is none."""
NAMED_BY = ("number", "title", "name", "email")
"""Columns of what people call a row, the best first."""
LONGEST_NAME = 300
MASK = "•••"


def record(
    session: AsyncSession,
    action: str,
    subject: UUIDBase,
    *,
    actor: str = SYSTEM,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """`action` is "app.verb"; `before` and `after` hold only what changed, as JSON values; secrets are masked."""
    kind, name = type(subject).__name__, name_of(subject)
    record_about(session, action, kind, subject.id, name=name, actor=actor, before=before, after=after)


def record_about(
    session: AsyncSession,
    action: str,
    subject: str,
    subject_id: UUID,
    *,
    name: str = "",
    actor: str = SYSTEM,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """The same about what is no row of ours, by the name of its kind, and what people call it."""
    session.add(
        AuditEntry(
            actor=actor,
            action=action,
            subject=subject,
            subject_id=subject_id,
            name=name,
            before=masked(before or {}),
            after=masked(after or {}),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What `record_all` writes down about one thing, as `record_about` does."""

    action: str
    subject: str
    id: UUID
    name: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


async def record_all(connection: AsyncConnection, entries: Sequence[Entry], *, actor: str) -> None:
    """The same about many things in one statement."""
    await insert_rows(
        connection,
        ENTRIES,
        [
            {
                "id": uuid7(),
                "actor": actor,
                "action": each.action,
                "subject": each.subject,
                "subject_id": each.id,
                "name": each.name[:LONGEST_NAME],
                "before": masked(each.before),
                "after": masked(each.after),
            }
            for each in entries
        ],
    )


def name_of(subject: UUIDBase) -> str:
    """What people call it at this moment."""
    found = (getattr(subject, each, "") for each in NAMED_BY)
    return next((str(name)[:LONGEST_NAME] for name in found if name), "")


def masked(value: Any) -> Any:
    """Without what stands under the name of a secret, however deep."""
    match value:
        case Mapping():
            return {name: MASK if SECRET.search(str(name)) else masked(each) for name, each in value.items()}
        case list() | tuple():
            return [masked(each) for each in value]
        case _:
            return value


def assign(row: UUIDBase, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set `values` on the row. What differs, before and after, as JSON values for `record`; empty when nothing does."""
    after = {name: value for name, value in values.items() if getattr(row, name) != value}
    before = {name: getattr(row, name) for name in after}
    for name, value in after.items():
        setattr(row, name, value)
    return msgspec.to_builtins(before), msgspec.to_builtins(after)
