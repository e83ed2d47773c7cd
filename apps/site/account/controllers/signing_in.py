"""Signing in, with a second factor where there is one, and out."""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.accounts.devices.disowning import disown_session
from apps.accounts.models import SessionKind
from apps.accounts.passkeys.challenges import relying_party
from apps.accounts.passkeys.passkeys import options_to_sign_in
from apps.accounts.passkeys.signing_in import sign_in_with_passkey
from apps.accounts.sessions.browser import (
    FORGET,
    SIGN_IN,
    browser_origin,
    end_browser_sessions,
    no_session_cookies,
    visitor_of,
)
from apps.accounts.sessions.limits import TRIES
from apps.accounts.sessions.refusals import SecondFactorNeeded, SignInOver
from apps.accounts.sessions.signing_in import WAITS, finish_sign_in, sign_in
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.cookies import cookie, cookie_name, no_cookie
from apps.core.http.forms import Filled, fill, typed_in
from apps.core.http.rate_limits import LimitsDependency
from apps.core.http.requests import AnyRequest, Db
from apps.site.account.forms import EMPTY, SENTENCES, CodeForm, SignInForm, account_page
from apps.site.account.own_pages import safe_next
from apps.site.cart.joining import signed_in
from apps.site.pages import SiteController, no_cart_cookie

Next = Annotated[str, QueryParameter(name="next", max_length=500, required=False)]
Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]
Token = Annotated[str, QueryParameter(name="token", max_length=200, required=False)]
BROWSER = SessionKind.browser
WAITING = "sign_in"
"""The cookie of a sign-in that waits for its second factor."""


class SignInPageController(SiteController):
    path = "/account"

    @get("/sign-in")
    async def show(
        self, request: AnyRequest, db: Db, next: Next = "", done: Done = ""
    ) -> Response[str] | Response[None]:
        async with db.reads() as reads:
            if await visitor_of(request, reads):
                return Redirect(safe_next(next), status_code=303)
        return await sign_in_page(request, db, next=safe_next(next), done=done)

    @post("/sign-in", limit=TRIES)
    async def sign_in(self, request: AnyRequest, db: Db, limits: LimitsDependency) -> Response[str] | Response[None]:
        """A session of its own, whatever cookie was there before."""
        typed, origin = await typed_in(request), browser_origin(request)
        form, next = fill(SignInForm, typed, SENTENCES), safe_next(typed.get("next", ""))
        if form.value is None:
            return await sign_in_page(request, db, form, next=next)
        email, password = form.value.email.lower(), form.value.password
        try:
            opened = await sign_in(db, limits, BROWSER, origin, email=email, password=password)
        except SecondFactorNeeded as asked:
            return to_code(asked, next=next)
        except AppError as refusal:
            return await sign_in_page(request, db, form, refusal, next=next)
        return await signed_in(request, opened, next)

    @get("/sign-in/code")
    async def ask_for_code(self, request: AnyRequest, db: Db, next: Next = "") -> Response[str]:
        return await _code_page(request, db, next=safe_next(next))

    @post("/sign-in/code", limit=TRIES)
    async def check_code(self, request: AnyRequest, db: Db, limits: LimitsDependency) -> Response[str] | Response[None]:
        typed, origin = await typed_in(request), browser_origin(request)
        form, next = fill(CodeForm, typed, SENTENCES), safe_next(typed.get("next", ""))
        if form.value is None:
            return await _code_page(request, db, form, next=next)
        token = request.cookies.get(cookie_name(WAITING), "")
        try:
            opened = await finish_sign_in(db, limits, BROWSER, origin, token=token, code=form.value.code)
        except SignInOver as over:
            return await sign_in_page(request, db, refusal=over, next=next)
        except AppError as refusal:
            return await _code_page(request, db, form, refusal, next=next)
        return await signed_in(request, opened, next, no_cookie(WAITING))

    @post("/sign-in/passkey", limit=TRIES)
    async def sign_in_with_passkey(
        self, request: AnyRequest, db: Db, limits: LimitsDependency
    ) -> Response[str] | Response[None]:
        """Its user is verified by the device: enough without a password, and in the place of a code."""
        typed, origin = await typed_in(request), browser_origin(request)
        answer, next = typed.get("passkey", ""), safe_next(typed.get("next", ""))
        try:
            opened = await sign_in_with_passkey(db, limits, BROWSER, origin, relying_party(request), answer=answer)
        except AppError as refusal:
            return await sign_in_page(request, db, refusal=refusal, next=next)
        return await signed_in(request, opened, next, no_cookie(WAITING))

    @get("/not-me")
    async def ask_whether_to_disown(self, request: AnyRequest, db: Db, token: Token = "") -> Response[str]:
        """Programs that open links in mails end nothing."""
        return await account_page(request, db, "not_me", token=token)

    @post("/not-me", limit=TRIES)
    async def disown(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        token = (await typed_in(request)).get("token", "")[:200]
        try:
            async with db.begin() as session:
                link = await disown_session(session, token)
        except AppError as refusal:
            return await account_page(request, db, "not_me", refusal=refusal, token="")
        return Redirect(f"/account/reset?token={link}", status_code=303, cookies=no_session_cookies(), headers=FORGET)

    @post("/sign-out")
    async def sign_out(self, request: AnyRequest, db: Db) -> Response[None]:
        """The cart goes, too: it leads to the order that was made of it."""
        await end_browser_sessions(request, db)
        return Redirect("/", status_code=303, cookies=[*no_session_cookies(), no_cart_cookie()], headers=FORGET)


def to_code(asked: SecondFactorNeeded, *, next: str) -> Redirect:
    """Where the second factor is shown."""
    waiting = cookie(WAITING, asked.details["second_factor_token"], kept=WAITS)
    return Redirect(f"{SIGN_IN}/code?next={quote(next, safe='/')}", status_code=303, cookies=[waiting])


async def sign_in_page(
    request: AnyRequest,
    db: Database,
    form: Filled[Any] = EMPTY,
    refusal: AppError | None = None,
    *,
    next: str,
    done: str = "",
) -> Response[str]:
    options = options_to_sign_in(relying_party(request))
    words = {"next": next, "done": done, "options": options, "here": f"{SIGN_IN}?next={quote(next, safe='/')}"}
    return await account_page(request, db, "sign_in", form, refusal, **words)


async def _code_page(
    request: AnyRequest, db: Database, form: Filled[Any] = EMPTY, refusal: AppError | None = None, *, next: str
) -> Response[str]:
    options = options_to_sign_in(relying_party(request))
    return await account_page(request, db, "code", form, refusal, next=next, options=options)
