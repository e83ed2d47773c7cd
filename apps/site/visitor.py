"""Who is signed in on the fans' pages."""

from litestar.datastructures import Cookie
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.current_user import CurrentUser
from apps.accounts.guards import NotSignedIn
from apps.accounts.sessions.browser import LASTS, Pages, find_in_browser
from apps.accounts.sessions.devices import DEVICE
from apps.core.http.cookies import cookie, cookie_name, no_cookie
from apps.core.http.requests import AnyRequest

SESSION = "session"


async def visitor_of(request: AnyRequest, reads: AsyncConnection) -> CurrentUser | None:
    """Asked for once a request: one query with the cookie, none without."""
    known: dict[str, CurrentUser | None] = request.scope["state"].setdefault(SESSION, {})
    id = request.cookies.get(cookie_name(SESSION), "")
    if id and id not in known:
        known[id] = await find_in_browser(reads, Pages.site, id)
    return known.get(id)


async def signed_in_visitor(request: AnyRequest, reads: AsyncConnection) -> CurrentUser:
    """Raises NotSignedIn."""
    visitor = await visitor_of(request, reads)
    if visitor is None:
        raise NotSignedIn
    return visitor


def session_cookie(id: str) -> Cookie:
    return cookie(SESSION, id, kept=LASTS[Pages.site])


def device_token_of(request: AnyRequest) -> str:
    """As the browser keeps it; empty on a new device."""
    return request.cookies.get(cookie_name(DEVICE), "")


def no_session_cookie() -> Cookie:
    return no_cookie(SESSION)
