"""Signing in and out."""

from typing import Annotated

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.accounts.sessions.browser import Pages, open_browser_session
from apps.accounts.sessions.devices import device_cookie, device_token
from apps.accounts.sessions.limits import TRIES, count_try
from apps.accounts.sessions.sessions import end_session
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.forms import fill, typed_in
from apps.core.http.rate_limits import Limits, LimitsDependency, caller
from apps.core.http.requests import AnyRequest, Db
from apps.site.account.forms import SENTENCES, SignInForm, account_page
from apps.site.pages import SiteController, no_cart_cookie
from apps.site.visitor import device_token_of, no_session_cookie, session_cookie, visitor_of

Next = Annotated[str, QueryParameter(name="next", max_length=500, required=False)]
HOME = "/account"


class SignInPageController(SiteController):
    path = "/account"

    @get("/sign-in")
    async def show(self, request: AnyRequest, db: Db, next: Next = "") -> Response[str] | Response[None]:
        async with db.reads() as reads:
            if await visitor_of(request, reads):
                return Redirect(safe_next(next), status_code=303)
        return await account_page(request, db, "sign_in", next=safe_next(next))

    @post("/sign-in", limit=TRIES)
    async def sign_in(self, request: AnyRequest, db: Db, limits: LimitsDependency) -> Response[str] | Response[None]:
        """A session of its own, whatever cookie was there before."""
        typed = await typed_in(request)
        form, next = fill(SignInForm, typed, SENTENCES), safe_next(typed.get("next", ""))
        if form.value is None:
            return await account_page(request, db, "sign_in", form, next=next)
        try:
            cookies = await _open_session(request, db, limits, form.value)
        except AppError as refusal:
            return await account_page(request, db, "sign_in", form, refusal, next=next)
        return Redirect(next, status_code=303, cookies=cookies)

    @post("/sign-out")
    async def sign_out(self, request: AnyRequest, db: Db) -> Response[None]:
        """The cart goes, too: it leads to the order that was made of it."""
        async with db.reads() as reads:
            visitor = await visitor_of(request, reads)
        if visitor:
            async with db.begin() as session:
                await end_session(session, visitor)
        return Redirect("/", status_code=303, cookies=[no_session_cookie(), no_cart_cookie()])


async def _open_session(request: AnyRequest, db: Database, limits: Limits, form: SignInForm) -> list[Cookie]:
    """Raises BadCredentials, TooManyRequests, Busy."""
    email, device = form.email.lower(), device_token_of(request)
    await count_try(limits, email=email, by=caller(request), device=device)
    id = await open_browser_session(db, Pages.site, email=email, password=form.password)
    return [session_cookie(id), device_cookie(device_token(email, known=device))]


def safe_next(next: str) -> str:
    """`next` if it is a path of this site, else the account's page."""
    is_own = next.startswith("/") and not next.startswith("//") and "\\" not in next and next.isprintable()
    return next if is_own else HOME
