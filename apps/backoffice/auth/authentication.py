"""SQLAdmin's authentication, on our sessions."""

import re
from typing import Any, cast
from urllib.parse import quote

from sqladmin.authentication import AuthenticationBackend
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.accounts.current_user import CurrentUser
from apps.accounts.sessions.browser import (
    FORGET,
    PROVE,
    SECOND_FACTOR,
    SESSION,
    SIGN_IN,
    end_browser_sessions,
    no_session_cookies,
    visitor_of,
)
from apps.backoffice.requests import db_of, posted
from apps.backoffice.urls import PATH
from apps.core.errors import AppError
from apps.core.http.cookies import cookie_name
from apps.core.text.i18n import lazy as _

FORM_PATH = re.compile(r"/(create|edit/[^/]+|do/[^/]+|put-back|export/csv)$")


class NoAccess(AppError):
    status = 403
    type = "no-access"
    message = _("This account has no access to the back office.")


class BrowserSessions(AuthenticationBackend):
    """People sign in on the site's page; every request asks anew who it is and what they may do."""

    def __init__(self) -> None:
        self.middlewares = []  # SQLAdmin's own keep the session itself in the cookie

    async def authenticate(self, request: Request) -> Response | bool:
        """Sets `request.state.current_user`. Raises NoAccess."""
        async with db_of(request).reads() as reads:
            current_user = await visitor_of(cast(Any, request), reads)
        if page := _missing(current_user):
            return RedirectResponse(f"{page}?{_ended(request, current_user)}next={own_url(request)}", 303)
        request.state.current_user = current_user
        if current_user is None or not current_user.permissions:
            raise NoAccess
        return True

    async def login(self, request: Request) -> Response:
        """The site's page does it."""
        return RedirectResponse(f"{SIGN_IN}?next={PATH}/", 303)

    async def logout(self, request: Request) -> Response:
        await posted(request)
        await end_browser_sessions(cast(Any, request), db_of(request))
        response = RedirectResponse(f"{SIGN_IN}?next={PATH}/", 303, headers=FORGET)
        for each in no_session_cookies():
            response.headers.append("Set-Cookie", each.to_header(header=""))
        return response


def _missing(current_user: CurrentUser | None) -> str:
    """The page at which somebody gets what they lack to be let in."""
    if current_user is None:
        return SIGN_IN
    if current_user.lacks_second_factor:
        return SECOND_FACTOR
    return "" if current_user.has_proof_of_today or not current_user.permissions else PROVE


def _ended(request: Request, current_user: CurrentUser | None) -> str:
    """Tells of a session that is over: who has a cookie had one, and what is sent comes from a page of one."""
    had_session = cookie_name(SESSION) in request.cookies or request.method == "POST"
    return "done=ended&" if current_user is None and had_session else ""


def own_url(request: Request) -> str:
    """Where somebody wanted to go, to go on from there; a form is at the address that it is sent to."""
    is_page = request.method == "GET" or FORM_PATH.search(request.url.path)
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="/") if is_page else PATH
