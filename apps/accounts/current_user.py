"""The user who makes a request, with their permissions."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """With what they may do at this moment; `family` is their session."""

    id: UUID
    email: str
    name: str
    locale: str
    family: UUID
    permissions: frozenset[str]

    @property
    def actor(self) -> str:
        """For the audit log."""
        return f"user:{self.id}"

    def may_all(self, permissions: Iterable[str]) -> bool:
        return self.permissions.issuperset(permissions)
