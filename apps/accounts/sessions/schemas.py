"""Sessions and attempts to sign in, as their user sees them."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.accounts.models import SessionKind, SignInMethod, SignInResult


class SessionOut(Struct):
    """`program`: the browser or program, by its name. `seen_at`: when it was used last, to some minutes.

    `is_staff`: not the user, but staff who look at the site as the user sees it.
    """

    id: UUID
    is_current: bool
    is_staff: bool
    kind: SessionKind
    program: str
    ip_address: str
    created_at: datetime
    seen_at: datetime


class SignInOut(Struct):
    """An attempt to sign in; `session_id` of one that opened a session, `provider` of one by `oidc`."""

    id: UUID
    at: datetime
    kind: SessionKind
    method: SignInMethod
    provider: str
    result: SignInResult
    program: str
    ip_address: str
    session_id: UUID | None
