"""Opening an account with a passkey: asked for after paying, and confirmed by the link in a mail."""

from litestar import Response, post

from apps.accounts.devices.programs import program_name
from apps.accounts.links.password_links import LinkOver
from apps.accounts.models import SessionKind, SignInMethod
from apps.accounts.passkeys.challenges import relying_party
from apps.accounts.registration.with_passkey import confirming_with_passkey, register_with_passkey
from apps.accounts.sessions.browser import browser_origin, seen_as
from apps.accounts.sessions.limits import REGISTRATIONS, TRIES
from apps.accounts.sessions.sessions import begin_session
from apps.core.errors import AppError
from apps.core.http.forms import fill, typed_in
from apps.core.http.rate_limits import LimitsDependency, caller
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.controllers.opening import confirm_page
from apps.site.account.forms import SENTENCES, EmailForm, account_page
from apps.site.cart.joining import cookies_after_sign_in
from apps.site.pages import SiteController

LONGEST_NAME = 200


class PasskeyRegistrationPageController(SiteController):
    path = "/account"

    @post("/register/passkey", limit=REGISTRATIONS)
    async def register(self, request: AnyRequest, db: Db, limits: LimitsDependency) -> Response[str]:
        typed = await typed_in(request)
        form = fill(EmailForm, typed, SENTENCES)
        if form.value is None:
            return await account_page(request, db, "register", form)
        try:
            async with db.begin() as session:
                await register_with_passkey(
                    session,
                    limits,
                    relying_party(request),
                    email=form.value.email,
                    name=typed.get("name", "")[:LONGEST_NAME],
                    locale=locale_of(request),
                    by=caller(request),
                    answer=typed.get("passkey", ""),
                    device=program_name(browser_origin(request).program, locale_of(request)),
                )
        except AppError as refusal:
            return await account_page(request, db, "register", form, refusal)
        return await account_page(request, db, "mailed", email=form.value.email)

    @post("/confirm/passkey", limit=TRIES)
    async def confirm(self, request: AnyRequest, db: Db) -> Response[str]:
        """Signs in at once: the passkey has just been shown."""
        typed, origin = await typed_in(request), browser_origin(request)
        token, answer = typed.get("token", "")[:200], typed.get("passkey", "")
        try:
            async with confirming_with_passkey(db, relying_party(request), token, answer=answer) as made:
                opened = await begin_session(
                    made.session,
                    made.user,
                    SessionKind.browser,
                    origin,
                    method=SignInMethod.link,
                    has_second_factor=True,
                )
        except LinkOver as over:
            return await confirm_page(request, db, "", refusal=over)
        except AppError as refusal:
            return await confirm_page(request, db, token, refusal=refusal)
        seen_as(opened, request)
        page = await account_page(request, db, "recovery_codes", codes=made.recovery_codes, next="/account")
        page.cookies.extend(await cookies_after_sign_in(request, opened))
        return page
