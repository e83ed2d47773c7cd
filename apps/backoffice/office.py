"""SQLAdmin with doors of our own: its views and checks, but lists by key, forms to services, and no change by GET."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog
from sqladmin import Admin
from sqladmin.authentication import login_required
from sqladmin.authorization import Action
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from apps.accounts.guards import NotAllowed
from apps.backoffice.actions.acting import act
from apps.backoffice.actions.outcome import show_outcome
from apps.backoffice.details import show_details
from apps.backoffice.entry.invitation import show_invitation
from apps.backoffice.entry.sign_in import FORM_PLACE, BrowserSessions, Permissions
from apps.backoffice.forms.autocomplete import look_up
from apps.backoffice.forms.editing import create, edit
from apps.backoffice.history.put_back_page import show_put_back
from apps.backoffice.home import Home, show_home
from apps.backoffice.lists.export import export
from apps.backoffice.lists.listing import show_list
from apps.backoffice.pages import Menu, own_path, page
from apps.backoffice.permission_panel import show_own
from apps.backoffice.places import PATH
from apps.backoffice.requests import locale_of, read_form
from apps.backoffice.views import CannotBeChanged, View, kinds_of
from apps.core.db.archive import InArchive
from apps.core.errors import AppError, Busy, MethodNotAllowed, NotFound

Door = Callable[["BackOffice", Request], Awaitable[Response]]
Translate = Callable[[Any, Exception], AppError]
READ, WRITE = ["GET"], ["GET", "POST"]
DOORS: list[tuple[str, Door, list[str]]] = [
    ("/", show_home, READ),
    ("/own", show_own, READ),
    ("/{identity}/list", show_list, READ),
    ("/{identity}/details/{pk}", show_details, READ),
    ("/{identity}/create", create, WRITE),
    ("/{identity}/edit/{pk}", edit, WRITE),
    ("/{identity}/do/{verb}", act, WRITE),
    ("/{identity}/outcome/{pk}", show_outcome, READ),
    ("/{identity}/export/csv", export, READ),
    ("/{identity}/lookup", look_up, READ),
    ("/{identity}/put-back", show_put_back, WRITE),
]
"""All there are: SQLAdmin's others (files, import, deleting, signing out by GET) are not routed."""
log = structlog.get_logger(__name__)


class BackOffice(Admin):
    """`translate` makes any failure an AppError; `home` fills the first page."""

    def __init__(self, root: Starlette, translate: Translate, home: Home) -> None:
        super().__init__(
            root,
            session_maker=async_sessionmaker(),  # never used: requests bring theirs
            base_url=PATH,
            authentication_backend=BrowserSessions(),
            authorization_backend=Permissions(self),
        )
        self.translate, self.home = translate, home
        self.views_by_identity: dict[str, View] = {}
        self.admin.router.routes = [
            Route("/login", self.sign_in, methods=WRITE),
            Route("/invitation", partial(show_invitation, self), methods=WRITE),
            Route("/logout", partial(login_required(sign_out), self), methods=["POST"]),
            *(Route(path, partial(login_required(door), self), methods=methods) for path, door, methods in DOORS),
        ]
        self.admin.exception_handlers = dict.fromkeys((AppError, HTTPException, Exception), self.refuse)

    def add_view(self, view: Any) -> None:
        super().add_view(view)
        self.views_by_identity[view.identity] = self.views[-1]  # type: ignore[assignment]

    def view_of(self, identity: str) -> View | None:
        return self.views_by_identity.get(identity)

    def view_for(self, request: Request, action: str) -> View:
        """The view that the path names. NotFound where the person may not even look, NotAllowed for what else."""
        view = self.view_of(request.path_params["identity"])
        if view is None or not view.may(request, Action.LIST):
            raise NotFound
        self.refuse_unless(request, view, action)
        return view

    def views_by_kind(self) -> dict[str, View]:
        return kinds_of(self.views_by_identity.values())

    def views_for(self, request: Request) -> dict[str, View]:
        """Those that the person may look through, by identity."""
        return {name: view for name, view in self.views_by_identity.items() if view.may(request, Action.LIST)}

    def refuse_unless(self, request: Request, view: View, action: str) -> None:
        if not view.may(request, action):
            raise NotAllowed

    def refuse_unchangeable(self, view: View, row: Any) -> None:
        if not view.may_change(row):
            raise InArchive if getattr(row, "archived_at", None) else CannotBeChanged

    def refusal_of(self, request: Request, error: Exception) -> AppError:
        """What people can be told beside what they typed; raises a failure of ours anew."""
        refused = self.translate(request, error)
        if refused.status >= 500 and not isinstance(refused, Busy):
            raise error
        return refused

    def menu_for(self, request: Request) -> Menu:
        """What the person may look at, under its headings."""
        groups: dict[Any, list[View]] = {}
        for view in sorted(self.views_for(request).values(), key=lambda view: view.menu_place):
            if view.in_menu:
                groups.setdefault(view.group, []).append(view)
        return list(groups.items())

    async def sign_in(self, request: Request) -> Response:
        if request.method == "GET":
            query = request.query_params
            return login_page(request, place=query.get("next", ""), has_ended="ended" in query)
        typed = FormData()
        try:
            typed = await read_form(request)
            return await self.authentication_backend.login(request)  # type: ignore[union-attr,return-value]
        except Exception as error:
            refused = self.refusal_of(request, error)
            place, email = str(typed.get("next", "")), str(typed.get("email", ""))
            return login_page(request, place=place, email=email, error=refused)

    async def refuse(self, request: Request, error: Exception) -> Response:
        refused = _of_starlette(error) or self.translate(request, error)
        if refused.status >= 500 and not isinstance(refused, Busy):
            log.error("backoffice.failed", exc_info=error)
        has_person = hasattr(request.state, "person")
        response = page(
            request,
            "backoffice/error.html",
            status=refused.status,
            menu=self.menu_for(request) if has_person else (),
            sentence=refused.sentence(locale_of(request)),
            sheet=own_path(request) if request.method == "POST" and FORM_PLACE.search(request.url.path) else "",
        )
        response.headers.update(refused.headers)
        return response


async def sign_out(office: BackOffice, request: Request) -> Response:
    return await office.authentication_backend.logout(request)  # type: ignore[union-attr,return-value]


def login_page(
    request: Request, *, place: str, email: str = "", error: AppError | None = None, has_ended: bool = False
) -> Response:
    response = page(
        request,
        "backoffice/login.html",
        status=error.status if error else 200,
        place=place[:2000],
        email=email[:254],
        has_ended=has_ended,
        error=error.sentence(locale_of(request)) if error else "",
    )
    response.headers.update(error.headers if error else {})
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
