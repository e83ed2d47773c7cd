"""Route guards: who is signed in, and permissions. The API reads the Authorization header, never a cookie (RFC 6750).

guards=[requires(ShopPermission.PRODUCTS_EDIT)]      staff with this permission, and API keys with it
guards=[requires(…), fresh_proof]                    people have shown within 15 minutes that it is them; API keys pass
guards=[signed_in]                                   anybody with an account who has signed in
await find_current_user(request)                     where signing in is optional
"""

from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from apps.accounts.api_keys.authentication import find_by_api_key
from apps.accounts.api_keys.secrets import is_api_key
from apps.accounts.current_user import CurrentUser, refuse_api_key
from apps.accounts.permissions import Permission
from apps.accounts.sessions.lookup import SignedInLookup
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.sessions.tokens import read_access_token
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _

Connection = ASGIConnection[Any, Any, Any, Any]
SCHEME = "bearer "
CURRENT_USER = "current_user"


class NotSignedIn(AppError):
    status = 401
    type = "not-signed-in"
    message = _("Please sign in.")


class NotAllowed(AppError):
    """`permission`: what is missing."""

    status = 403
    type = "not-allowed"
    message = _("Your account may not do this.")


class SecondFactorMissing(AppError):
    status = 403
    type = "second-factor-missing"
    message = _("Staff need a second factor. Set one up in your account, then sign in with it.")


CurrentUserDep = NamedDependency[CurrentUser]
"""`current_user`: who passed the route's guard."""
Staff = CurrentUserDep
"""The same, where the guard asks for a permission."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        refuse_api_key(await _sign_in(connection))


@dataclass(frozen=True, slots=True)
class Requires:
    permission: Permission

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        current_user = await _sign_in(connection)
        if self.permission not in current_user.permissions:
            raise SecondFactorMissing if current_user.lacks_second_factor else NotAllowed(permission=self.permission)


@dataclass(frozen=True, slots=True)
class FreshProof:
    """Stands after `requires`, on what the back office asks a proof for, too.

    An API key has no session to prove anything in, and passes: making it took a proof, and what gives access the
    services refuse it (SessionNeeded; docs/decisions/accounts.md).
    """

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        current_user = provide_current_user(connection.scope)
        if not current_user.api_key_id:
            refuse_stale_proof(current_user)


signed_in = SignedIn()
fresh_proof = FreshProof()


def requires(permission: Permission) -> Requires:
    return Requires(permission)


async def find_current_user(connection: Connection) -> CurrentUser | None:
    """None without an Authorization header; NotSignedIn for one that opens nothing, as API keys do not here."""
    current_user = await _find(connection)
    if current_user and current_user.api_key_id:
        raise NotSignedIn
    return current_user


async def _find(connection: Connection) -> CurrentUser | None:
    header = connection.headers.get("authorization")
    if header is None:
        return None
    token = header[len(SCHEME) :].strip() if header.lower().startswith(SCHEME) else ""
    current_user = await (_by_api_key if is_api_key(token) else _by_access_token)(connection, token)
    if current_user is None:
        raise NotSignedIn
    return current_user


async def _by_access_token(connection: Connection, token: str) -> CurrentUser | None:
    access = read_access_token(token)
    sessions: SignedInLookup = connection.app.state.signed_in
    return await sessions.find(access) if access else None


async def _by_api_key(connection: Connection, key: str) -> CurrentUser | None:
    db: Database = connection.app.state.db
    async with db.reads() as reads:
        return await find_by_api_key(reads, key)


async def _sign_in(connection: Connection) -> CurrentUser:
    current_user = await _find(connection)
    if current_user is None:
        raise NotSignedIn
    connection.scope["state"][CURRENT_USER] = current_user
    return current_user


def provide_current_user(scope: Scope) -> CurrentUser:
    current_user: CurrentUser = scope["state"][CURRENT_USER]
    return current_user
