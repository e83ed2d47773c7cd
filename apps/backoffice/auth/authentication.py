"""SQLAdmin's authentication and authorization, on our sessions and permissions."""

import re
from typing import Any, cast
from urllib.parse import quote

from sqladmin.authentication import AuthenticationBackend
from sqladmin.authorization import AuthorizationBackend
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.accounts.current_user import CurrentUser
from apps.accounts.sessions.browser import LASTS, Pages, find_in_browser, open_browser_session
from apps.accounts.sessions.devices import DEVICE, device_cookie, device_token
from apps.accounts.sessions.limits import TRIES, count_try
from apps.accounts.sessions.sessions import end_session
from apps.backoffice.requests import current_user_of, db_of, posted, read_form
from apps.backoffice.urls import PATH
from apps.backoffice.views.registry import ViewRegistry
from apps.core.errors import AppError
from apps.core.http.cookies import SECURE, cookie_name
from apps.core.http.rate_limits import Limits, caller
from apps.core.text.i18n import lazy as _

COOKIE = "__Secure-backoffice" if SECURE else "backoffice"
FORM_PATH = re.compile(r"/(create|edit/[^/]+|do/[^/]+|put-back)$")


class NoAccess(AppError):
    status = 403
    type = "no-access"
    message = _("This account has no access to the back office.")


class BrowserSessions(AuthenticationBackend):
    """An id in a cookie of its own, kept as a hash; every request asks anew who it is and what they may do."""

    def __init__(self) -> None:
        self.middlewares = []  # SQLAdmin's own keep the session itself in the cookie

    async def authenticate(self, request: Request) -> Response | bool:
        """Sets `request.state.person`."""
        cookie = request.cookies.get(COOKIE, "")
        current_user = await _find(request, cookie) if cookie else None
        if current_user is None or not current_user.permissions:
            return RedirectResponse(_sign_in_url(request, had_session=bool(cookie)), 303)
        request.state.current_user = current_user
        return True

    async def login(self, request: Request) -> Response:
        """Raises BadCredentials, NoAccess, TooManyRequests, Busy."""
        form, db = await read_form(request), db_of(request)
        email = str(form.get("email", "")).strip().lower()[:254]
        await _count(request, email)
        password = str(form.get("password", ""))[:1000]
        cookie = await open_browser_session(db, Pages.backoffice, email=email, password=password)
        current_user = await _find(request, cookie)
        if current_user is None or not current_user.permissions:
            await _end(request, current_user)
            raise NoAccess
        response = RedirectResponse(_inside(str(form.get("next", ""))), 303)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(LASTS[Pages.backoffice].total_seconds()),
            path=PATH,
            secure=SECURE,
            httponly=True,
            samesite="strict",
        )
        device = device_cookie(device_token(email, known=_device(request)))
        response.headers.append("Set-Cookie", device.to_header(header=""))
        return response

    async def logout(self, request: Request) -> Response:
        await posted(request)
        await _end(request, current_user_of(request))
        response = RedirectResponse(f"{PATH}/login", 303)
        response.delete_cookie(COOKIE, path=PATH, secure=SECURE, httponly=True, samesite="strict")
        return response


class Permissions(AuthorizationBackend):
    """What a view names for each thing that can be done in it; what it does not name nobody may do."""

    def __init__(self, views: ViewRegistry) -> None:
        self.views = views

    def has_permission(self, request: Request, identity: str, action: str, obj: Any | None = None) -> bool:
        view = self.views.get(identity)
        return view is not None and view.permission_for(action) in current_user_of(request).permissions


async def _end(request: Request, current_user: CurrentUser | None) -> None:
    if current_user is not None:
        async with db_of(request).begin() as session:
            await end_session(session, current_user)


async def _find(request: Request, cookie: str) -> CurrentUser | None:
    async with db_of(request).reads() as reads:
        return await find_in_browser(reads, Pages.backoffice, cookie)


async def _count(request: Request, email: str) -> None:
    limits: Limits = request.state.limits
    by = caller(cast(Any, request))
    await limits.hit(TRIES, by)
    await count_try(limits, email=email, by=by, device=_device(request))


def _device(request: Request) -> str:
    return request.cookies.get(cookie_name(DEVICE), "")


def _sign_in_url(request: Request, *, had_session: bool) -> str:
    """Browsers forget the cookie of a session that is over; what is sent comes from a page of one."""
    ended = "ended=yes&" if had_session or request.method == "POST" else ""
    return f"{PATH}/login?{ended}next={own_url(request)}"


def own_url(request: Request) -> str:
    """Where somebody wanted to go, to go on from there; a form is at the address that it is sent to."""
    is_page = request.method == "GET" or FORM_PATH.search(request.url.path)
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="/") if is_page else PATH


def _inside(url: str) -> str:
    """A path of the back office; its first page for anything else."""
    is_ours = url.startswith(f"{PATH}/") and "\\" not in url and url.isprintable()
    return url if is_ours else f"{PATH}/"
