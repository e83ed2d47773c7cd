"""The page that an invitation leads to: somebody sets a password for themselves, and then signs in with it."""

from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from apps.accounts.links.password_links import LinkOver, set_password_by_link, user_of_link
from apps.accounts.sessions.limits import TRIES
from apps.accounts.staff_schemas import UserPasswordIn
from apps.backoffice.errors import refusal_of
from apps.backoffice.pages import page
from apps.backoffice.requests import db_of, locale_of, read_form
from apps.core.errors import AppError, Invalid
from apps.core.http.rate_limits import caller
from apps.core.http.validation import errors_in

NO_REFERRER = {"Referrer-Policy": "no-referrer"}


async def show_invitation(request: Request) -> Response:
    """Without being signed in: the link tells who it is."""
    if request.method == "GET":
        return await _shown(request, request.query_params.get("token", ""))
    token = ""
    try:
        typed = await read_form(request)
        token, password = str(typed.get("token", "")), str(typed.get("password", ""))[:1000]
        await request.state.limits.hit(TRIES, caller(cast(Any, request)))
        if errors := errors_in({"password": password}, UserPasswordIn):
            raise Invalid(errors=errors)
        await set_password_by_link(db_of(request), token, password=password)
    except Exception as error:
        return await _shown(request, token, error=refusal_of(request, error))
    return _page(request, is_done=True)


async def _shown(request: Request, token: str, *, error: AppError | None = None) -> Response:
    try:
        async with db_of(request).begin() as session:
            user = await user_of_link(session, token[:200])
    except LinkOver as over:
        return _page(request, error=over)
    return _page(request, token=token, email=user.email, error=error)


def _page(
    request: Request, *, token: str = "", email: str = "", error: AppError | None = None, is_done: bool = False
) -> Response:
    locale = locale_of(request)
    sentences = [error.sentence(locale)] if error else []
    if isinstance(error, Invalid):
        sentences = [each.in_locale(locale)["message"] for each in error.details["errors"]]
    response = page(
        request,
        "backoffice/invitation.html",
        status=error.status if error else 200,
        token=token,
        email=email,
        sentences=sentences,
        is_done=is_done,
    )
    response.headers.update({**NO_REFERRER, **(error.headers if error else {})})
    return response
