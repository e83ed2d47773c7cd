"""The page at which people sign in."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.auth.authentication import BrowserSessions
from apps.backoffice.errors import refusal_of
from apps.backoffice.pages import page
from apps.backoffice.requests import locale_of, read_form
from apps.core.errors import AppError


async def show_sign_in(sessions: BrowserSessions, request: Request) -> Response:
    if request.method == "GET":
        query = request.query_params
        return _page(request, next_url=query.get("next", ""), has_ended="ended" in query)
    typed = FormData()
    try:
        typed = await read_form(request)
        return await sessions.login(request)
    except Exception as error:
        refused = refusal_of(request, error)
        next_url, email = str(typed.get("next", "")), str(typed.get("email", ""))
        return _page(request, next_url=next_url, email=email, error=refused)


def _page(
    request: Request, *, next_url: str, email: str = "", error: AppError | None = None, has_ended: bool = False
) -> Response:
    response = page(
        request,
        "backoffice/login.html",
        status=error.status if error else 200,
        next_url=next_url[:2000],
        email=email[:254],
        has_ended=has_ended,
        error=error.sentence(locale_of(request)) if error else "",
    )
    response.headers.update(error.headers if error else {})
    return response
