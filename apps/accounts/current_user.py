"""Who makes a request: a user, or a program with an API key, with their permissions."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _


class SessionNeeded(AppError):
    """API keys neither sign in nor change how somebody does."""

    status = 403
    type = "session-needed"
    message = _("An API key is not enough for this: sign in.")


class NotAsSomebodyElse(AppError):
    status = 403
    type = "not-as-somebody-else"
    message = _("This can be done by the owner of the account only.")


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """With what they may do at this moment, in this session.

    `has_fresh_proof`: they have shown who they are within
    minutes; `has_proof_of_today`: within a working day. `lacks_second_factor`: they would have
    permissions, but for a second factor. `seen_long_ago`: their visit is to be noted. `gets_news`: they want the band's
    news by mail. `entitlements`: keys of what they have at this moment, as "club.gold".
    `impersonator_id`: of staff who look at the site as this user.
    Of a request with an API key `api_key_id` is that key, `session_id` is the same, as no session is, and so is `id`
    when the key is the band's.
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
    gets_news: bool = False
    entitlements: frozenset[str] = frozenset()
    impersonator_id: UUID | None = None
    api_key_id: UUID | None = None

    @property
    def actor(self) -> str:
        """For the audit log."""
        if self.api_key_id:
            return f"api_key:{self.api_key_id}"
        return f"user:{self.impersonator_id} as {self.id}" if self.impersonator_id else f"user:{self.id}"

    @property
    def caller(self) -> str:
        """For rate limits, and requests that may come twice: each API key by itself."""
        return f"api key {self.api_key_id}" if self.api_key_id else f"user {self.id}"

    def may_all(self, permissions: Iterable[str]) -> bool:
        return self.permissions.issuperset(permissions)


def refuse_api_key(current_user: CurrentUser) -> None:
    """Raises SessionNeeded."""
    if current_user.api_key_id:
        raise SessionNeeded


def refuse_impersonator(current_user: CurrentUser) -> None:
    """Raises NotAsSomebodyElse."""
    if current_user.impersonator_id:
        raise NotAsSomebodyElse
