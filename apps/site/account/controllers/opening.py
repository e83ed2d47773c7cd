"""Opening an account, and setting a forgotten password: a form, a mail, and the page that its link leads to."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.accounts.devices.known_devices import device_cookie, new_device_token
from apps.accounts.email_change.changing import confirm_email_change
from apps.accounts.links.password_links import LinkOver, count_reset, forget_password, set_password_by_link
from apps.accounts.models import SessionKind, SignInMethod, User
from apps.accounts.passkeys.challenges import relying_party
from apps.accounts.registration.registration import confirming, register
from apps.accounts.registration.with_passkey import options_to_confirm
from apps.accounts.second_factor.factors import second_factors
from apps.accounts.sessions.browser import browser_origin
from apps.accounts.sessions.limits import REGISTRATIONS, TRIES
from apps.accounts.sessions.sessions import begin_session
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.forms import Filled, fill, typed_in
from apps.core.http.rate_limits import LimitsDependency, caller
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.forms import (
    EMPTY,
    SENTENCES,
    EmailForm,
    NewPasswordForm,
    RegisterForm,
    TypedPasswordForm,
    account_page,
)
from apps.site.cart.joining import signed_in
from apps.site.pages import SiteController

Token = Annotated[str, QueryParameter(name="token", max_length=200, required=False)]


class RegistrationPageController(SiteController):
    path = "/account"

    @get("/register")
    async def ask_for_account(self, request: AnyRequest, db: Db) -> Response[str]:
        return await account_page(request, db, "register")

    @post("/register", limit=REGISTRATIONS)
    async def register(self, request: AnyRequest, db: Db, limits: LimitsDependency) -> Response[str]:
        form = fill(RegisterForm, await typed_in(request), SENTENCES)
        if form.value is None:
            return await account_page(request, db, "register", form)
        wanted = form.value
        try:
            async with db.begin() as session:
                await register(
                    session,
                    limits,
                    email=wanted.email,
                    password=wanted.password,
                    name=wanted.name,
                    locale=locale_of(request),
                    news=wanted.news,
                    by=caller(request),
                )
        except AppError as refusal:
            return await account_page(request, db, "register", form, refusal)
        return await account_page(request, db, "mailed", email=wanted.email)

    @get("/confirm")
    async def ask_for_password(self, request: AnyRequest, db: Db, token: Token = "") -> Response[str]:
        return await confirm_page(request, db, token)

    @post("/confirm", limit=TRIES)
    async def confirm(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        """Signs in at once: the password has just been shown."""
        typed = await typed_in(request)
        token, form = typed.get("token", "")[:200], fill(TypedPasswordForm, typed, SENTENCES)
        if form.value is None:
            return await confirm_page(request, db, token, form)
        try:
            async with confirming(db, token, password=form.value.password) as (session, user):
                opened = await begin_session(
                    session, user, SessionKind.browser, browser_origin(request), method=SignInMethod.link
                )
        except LinkOver as over:
            return await confirm_page(request, db, "", refusal=over)
        except AppError as refusal:
            return await confirm_page(request, db, token, form, refusal)
        return await signed_in(request, opened, "/account")

    @get("/forgot")
    async def ask_for_email(self, request: AnyRequest, db: Db) -> Response[str]:
        return await account_page(request, db, "forgot")

    @post("/forgot", limit=REGISTRATIONS)
    async def forget(self, request: AnyRequest, db: Db, limits: LimitsDependency) -> Response[str]:
        form = fill(EmailForm, await typed_in(request), SENTENCES)
        if form.value is None:
            return await account_page(request, db, "forgot", form)
        try:
            await count_reset(db, limits, browser_origin(request), form.value.email)
            async with db.begin() as session:
                await forget_password(session, form.value.email)
        except AppError as refusal:
            return await account_page(request, db, "forgot", form, refusal)
        return await account_page(request, db, "mailed", email=form.value.email)

    @get("/reset")
    async def ask_for_new_password(self, request: AnyRequest, db: Db, token: Token = "") -> Response[str]:
        return await account_page(request, db, "reset", token=token)

    @post("/reset", limit=TRIES)
    async def reset(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        typed = await typed_in(request)
        token, form = typed.get("token", "")[:200], fill(NewPasswordForm, typed, SENTENCES)
        if form.value is None:
            return await account_page(request, db, "reset", form, token=token)
        try:
            user = await set_password_by_link(db, token, password=form.value.password)
        except LinkOver as over:
            return await account_page(request, db, "reset", refusal=over, token="")
        except AppError as refusal:
            return await account_page(request, db, "reset", form, refusal, token=token)
        return Redirect("/account/sign-in?done=password", status_code=303, cookies=await _known_from_now_on(db, user))

    @get("/confirm-address")
    async def ask_to_confirm_address(self, request: AnyRequest, db: Db, token: Token = "") -> Response[str]:
        return await account_page(request, db, "confirm_address", token=token, confirmed="")

    @post("/confirm-address", limit=TRIES)
    async def confirm_address(self, request: AnyRequest, db: Db) -> Response[str]:
        token = (await typed_in(request)).get("token", "")[:200]
        try:
            async with db.begin() as session:
                confirmed = await confirm_email_change(session, token)
        except AppError as refusal:
            return await account_page(request, db, "confirm_address", refusal=refusal, token="", confirmed="")
        return await account_page(request, db, "confirm_address", token="", confirmed=confirmed.value)


async def confirm_page(
    request: AnyRequest, db: Database, token: str, form: Filled[Any] = EMPTY, refusal: AppError | None = None
) -> Response[str]:
    """It asks for the password that was chosen, or for the passkey that was made."""
    async with db.reads() as reads:
        options = await options_to_confirm(reads, relying_party(request), token)
    return await account_page(request, db, "confirm", form, refusal, token=token, options=options)


async def _known_from_now_on(db: Database, user: User) -> list[Cookie]:
    """So that no attack on the account keeps them out now.

    Not who has yet to show a second factor: each known device has codes to try of its own.
    """
    async with db.begin() as session:
        factors = await second_factors(session, user.id)
    return [] if factors else [device_cookie(new_device_token(user.email))]
