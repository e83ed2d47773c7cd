"""The audit trail: one row a change that matters, in the same transaction."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db import UUIDBase
from apps.core.models import AuditEntry

SYSTEM = "system"


def record(
    session: AsyncSession,
    action: str,
    subject: UUIDBase,
    *,
    actor: str = SYSTEM,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """`action` is "app.verb"; `before` and `after` hold only what changed, as JSON values, never a secret."""
    session.add(
        AuditEntry(
            actor=actor,
            action=action,
            subject=type(subject).__name__,
            subject_id=subject.id,
            before=dict(before or {}),
            after=dict(after or {}),
        )
    )


def assign(row: UUIDBase, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set `values` on the row. What differs, before and after, as JSON values for `record`; empty when nothing does."""
    after = {name: value for name, value in values.items() if getattr(row, name) != value}
    before = {name: getattr(row, name) for name in after}
    for name, value in after.items():
        setattr(row, name, value)
    return msgspec.to_builtins(before), msgspec.to_builtins(after)
