"""Who is signed in with a browser: a random token in a cookie, of which the database keeps a hash.

Each sign-in makes a new one. It opens the fans' pages and, for who may, the back office.
"""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.current_user import CurrentUser
from apps.accounts.devices.known_devices import DEVICE, device_cookie
from apps.accounts.repositories import SESSIONS
from apps.accounts.sessions.lookup import SignedInLookup
from apps.accounts.sessions.origin import Origin, origin_of
from apps.accounts.sessions.sessions import LASTS, Opened, end_session
from apps.core.db.database import Database
from apps.core.http.cookies import cookie, cookie_name, no_cookie

AnyConnection = ASGIConnection[Any, Any, Any, Any]
SESSION = "session"
OWN_SESSION = "own_session"
SIGN_IN = "/account/sign-in"
PROVE = "/account/prove"
SECOND_FACTOR = "/account/second-factor"
IMPERSONATE = "/account/impersonate"
"""Pages that the back office leads to, too."""
FORGET = {"Clear-Site-Data": '"cache", "storage"'}
"""The browser keeps no tickets of who is not signed in there any more."""


async def visitor_of(connection: AnyConnection, reads: AsyncConnection) -> CurrentUser | None:
    """Asked for once a request: one query with the cookie, none without; now and then one that notes the visit."""
    known: dict[str, CurrentUser | None] = connection.scope["state"].setdefault(SESSION, {})
    token = connection.cookies.get(cookie_name(SESSION), "")
    if token and token not in known:
        lookup: SignedInLookup = connection.scope["litestar_app"].state.signed_in
        known[token] = await _visit(lookup, reads, token)
    return known.get(token)


async def _visit(lookup: SignedInLookup, reads: AsyncConnection, token: str) -> CurrentUser | None:
    current_user = await lookup.find_in_browser(reads, token)
    if current_user and current_user.seen_long_ago:
        mine = update(SESSIONS).where(SESSIONS.c.id == current_user.session_id)
        await reads.execute(mine.values(seen_at=func.clock_timestamp()))
    return current_user


def browser_origin(connection: AnyConnection) -> Origin:
    device, session = (connection.cookies.get(cookie_name(each), "") for each in (DEVICE, SESSION))
    return origin_of(connection, device_token=device, session_token=session)


def cookies_of(opened: Opened) -> list[Cookie]:
    """What the browser keeps of a new session."""
    return [cookie(SESSION, opened.token, kept=LASTS), device_cookie(opened.device_token)]


def seen_as(opened: Opened, connection: AnyConnection) -> None:
    """The answer to this very request shows who is signed in by it."""
    connection.cookies[cookie_name(SESSION)] = opened.token


def impersonating_cookies(opened: Opened, connection: AnyConnection) -> list[Cookie]:
    """The staff's own session waits beside the one as somebody else."""
    own = connection.cookies.get(cookie_name(SESSION), "")
    return [cookie(SESSION, opened.token), cookie(OWN_SESSION, own)]


def is_impersonating(cookies: Mapping[str, str]) -> bool:
    """As the cookies say; for pages that look nobody up."""
    return cookie_name(OWN_SESSION) in cookies


def own_session_cookies(connection: AnyConnection) -> list[Cookie]:
    """Back from being somebody else."""
    own = connection.cookies.get(cookie_name(OWN_SESSION), "")
    return [cookie(SESSION, own, kept=LASTS) if own else no_cookie(SESSION), no_cookie(OWN_SESSION)]


async def end_browser_sessions(connection: AnyConnection, db: Database) -> None:
    """All that this browser has: of staff who look at the site as a fan their own, too, which waits beside it."""
    lookup: SignedInLookup = connection.scope["litestar_app"].state.signed_in
    for name in (SESSION, OWN_SESSION):
        if token := connection.cookies.get(cookie_name(name), ""):
            async with db.reads() as reads:
                current_user = await lookup.find_in_browser(reads, token)
            if current_user:
                async with db.begin() as session:
                    await end_session(session, current_user)


def no_session_cookies() -> list[Cookie]:
    return [no_cookie(SESSION), no_cookie(OWN_SESSION)]
