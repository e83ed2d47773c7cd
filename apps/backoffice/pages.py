"""Pages of the back office: our templates instead of SQLAdmin's, in the reader's language."""

from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from uuid_utils.compat import uuid7
from wtforms import Form

from apps.accounts.current_user import CurrentUser
from apps.backoffice.auth.page_access import may_open
from apps.backoffice.forms.references import open_references
from apps.backoffice.forms.values import add_spare_rows, field_errors, show_errors
from apps.backoffice.requests import TOLD, done_of, form_token, locale_of
from apps.backoffice.urls import PATH
from apps.backoffice.views.registry import Menu, ViewRegistry, views_of
from apps.core.errors import AppError, Invalid
from apps.core.http.cookies import SECURE, cookie_name
from apps.core.http.pages import LANGUAGE_KEPT, language_links
from apps.core.http.requests import LANGUAGE
from apps.core.text.i18n import LOCALES
from apps.core.text.templates import render

NO_STORE = {"Cache-Control": "private, no-store", "Vary": "Accept-Language, Cookie"}
MOST_SECONDS_TO_TELL = 60


def page(request: Request, template: str, *, menu: Menu = (), status: int = 200, **words: Any) -> HTMLResponse:
    locale = locale_of(request)
    current_user: CurrentUser | None = getattr(request.state, "current_user", None)
    tools = {
        "current_user": current_user,
        "menu": menu,
        "here": request.url.path,
        "languages": language_links(own_path(request)),
        "form_token": form_token(request) if current_user else "",
        "status": status,
        "request": request,
        "may_open": partial(may_open, request),
        "exports_lists": bool(menu) and views_of(request).may_export_any(request),
    }
    html = render(template, locale, {**tools, **words})
    response = HTMLResponse(html, status, headers={**NO_STORE, "Content-Language": locale})
    keep_language(request, response)
    if current_user and done_of(request):
        _set_told(response, "", seconds=0)
    return response


def form_page(
    views: ViewRegistry, request: Request, template: str, form: Form | None, *, error: AppError | None, **words: Any
) -> HTMLResponse:
    """A form to be posted, and what was refused of it: above it, and beside each field."""
    locale = locale_of(request)
    found = field_errors(form, error) if form and error else []
    problems = show_errors(form, found, locale) if form else []
    told = Invalid() if found else error
    if form:
        add_spare_rows(form)
        open_references(form, views.visible_to(request), request)
    response = page(
        request,
        template,
        menu=views.menu_for(request),
        status=error.status if error else 200,
        form=form,
        idempotency_key=uuid7().hex,
        error=told.sentence(locale) if told else "",
        problems=problems,
        **words,
    )
    response.headers.update(error.headers if error else {})
    return response


def led_to(url: str) -> RedirectResponse:
    """After a form was sent: the page that its `done` is told on, once, and not again when it is loaded anew."""
    address = urlsplit(url)
    query = dict(parse_qsl(address.query))
    done = query.pop("done", "")
    response = RedirectResponse(urlunsplit(address._replace(query=urlencode(query))), 303)
    if done:
        _set_told(response, f"{done}|{address.path}", seconds=MOST_SECONDS_TO_TELL)
    return response


def _set_told(response: Response, value: str, *, seconds: int) -> None:
    name = cookie_name(TOLD)
    response.set_cookie(name, value, max_age=seconds, path=PATH, httponly=True, secure=SECURE, samesite="strict")


def own_path(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def keep_language(request: Request, response: HTMLResponse) -> None:
    if (asked := request.query_params.get(LANGUAGE)) in LOCALES:
        seconds = int(LANGUAGE_KEPT.total_seconds())
        response.set_cookie(
            cookie_name(LANGUAGE), asked, max_age=seconds, path="/", httponly=True, secure=SECURE, samesite="lax"
        )
