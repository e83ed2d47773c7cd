"""SQLAdmin with routes of our own: its views and checks, but lists by key, forms to services, and no change by GET."""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from sqladmin.authentication import login_required
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from apps.accounts.sessions.browser import PROVE, is_impersonating
from apps.accounts.sessions.proof import ProofNeeded
from apps.backoffice.actions.action_pages import handle_action
from apps.backoffice.actions.outcome import show_outcome
from apps.backoffice.auth.authentication import FORM_PATH, BrowserSessions, own_url
from apps.backoffice.auth.invitation import show_invitation
from apps.backoffice.errors import is_failure, translated
from apps.backoffice.exports.pages import cancel, download, export, show_exports
from apps.backoffice.forms.autocomplete import autocomplete
from apps.backoffice.forms.editing import create, edit
from apps.backoffice.history.revert_page import show_revert
from apps.backoffice.home import Home, show_home
from apps.backoffice.lists.listing import show_list
from apps.backoffice.pages import own_path, page
from apps.backoffice.permission_panel import show_own
from apps.backoffice.requests import locale_of
from apps.backoffice.views.details import send_file, show_details
from apps.backoffice.views.registry import ViewRegistry
from apps.backoffice.views.site import ViewSite
from apps.core.errors import AppError, MethodNotAllowed, NotFound

Handler = Callable[[ViewRegistry, Request], Awaitable[Response]]
READ, WRITE = ["GET"], ["GET", "POST"]
HANDLERS: list[tuple[str, Handler, list[str]]] = [
    ("/own", show_own, READ),
    ("/exports", show_exports, READ),
    ("/exports/{pk}/file", download, READ),
    ("/exports/{pk}/cancel", cancel, ["POST"]),
    ("/{identity}/list", show_list, READ),
    ("/{identity}/details/{pk}", show_details, READ),
    ("/{identity}/create", create, WRITE),
    ("/{identity}/edit/{pk}", edit, WRITE),
    ("/{identity}/do/{action}", handle_action, WRITE),
    ("/{identity}/outcome/{pk}", show_outcome, READ),
    ("/{identity}/export/csv", export, WRITE),
    ("/{identity}/file/{name}", send_file, READ),
    ("/{identity}/autocomplete", autocomplete, READ),
    ("/{identity}/put-back", show_revert, WRITE),
]
"""Of those who are signed in. SQLAdmin's others (files, import, deleting, signing out by GET) are not routed."""
log = structlog.get_logger(__name__)


class AdminSite(ViewSite):
    """All views, and all routes to them; `home` fills the first page."""

    def __init__(self, root: Starlette, home: Home) -> None:
        self.sessions = BrowserSessions()
        super().__init__(root, self.sessions)
        self.admin.router.routes = [
            Route("/login", self.sessions.login, methods=READ),
            Route("/invitation", show_invitation, methods=WRITE),
            Route("/logout", self.sign_out, methods=["POST"]),
            Route("/", partial(self.answer, handler=partial(show_home, home)), methods=READ),
            *(Route(path, partial(self.answer, handler=each), methods=methods) for path, each, methods in HANDLERS),
        ]
        self.admin.exception_handlers = dict.fromkeys((AppError, HTTPException, Exception), self.refuse)

    @login_required
    async def answer(self, request: Request, *, handler: Handler) -> Response:
        return await handler(self.registry, request)

    @login_required
    async def sign_out(self, request: Request) -> Response:
        return await self.sessions.logout(request)

    async def refuse(self, request: Request, error: Exception) -> Response:
        if isinstance(error, ProofNeeded):
            return RedirectResponse(f"{PROVE}?next={own_url(request)}", 303)
        refused = _of_starlette(error) or translated(request, error)
        if is_failure(refused):
            log.error("backoffice.failed", exc_info=error)
        has_user = hasattr(request.state, "current_user")
        response = page(
            request,
            "backoffice/error.html",
            status=refused.status,
            menu=self.registry.menu_for(request) if has_user else (),
            sentence=refused.sentence(locale_of(request)),
            is_impersonating=is_impersonating(request.cookies),
            form_address=own_path(request) if request.method == "POST" and FORM_PATH.search(request.url.path) else "",
        )
        response.headers.update(refused.headers)
        return response


def _of_starlette(error: Exception) -> AppError | None:
    match error:
        case HTTPException(status_code=404):
            return NotFound()
        case HTTPException(status_code=405):
            return MethodNotAllowed(allow=(error.headers or {}).get("Allow", "GET"))
        case HTTPException():
            return AppError()
        case _:
            return None
