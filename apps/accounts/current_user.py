"""The user who makes a request, with their permissions."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """With what they may do at this moment, in this session.

    `has_fresh_proof`: they have shown who they are within
    minutes; `has_proof_of_today`: within a working day. `lacks_second_factor`: they would have
    permissions, but for a second factor. `seen_long_ago`: their visit is to be noted.
    `impersonator_id`: of staff who look at the site as this user.
    """

    id: UUID
    email: str
    name: str
    locale: str
    session_id: UUID
    permissions: frozenset[str]
    has_second_factor: bool = False
    has_fresh_proof: bool = False
    has_proof_of_today: bool = False
    lacks_second_factor: bool = False
    seen_long_ago: bool = False
    impersonator_id: UUID | None = None

    @property
    def actor(self) -> str:
        """For the audit log."""
        return f"user:{self.impersonator_id} as {self.id}" if self.impersonator_id else f"user:{self.id}"

    def may_all(self, permissions: Iterable[str]) -> bool:
        return self.permissions.issuperset(permissions)
