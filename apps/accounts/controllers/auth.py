"""Accounts over the API: register, sign in and out."""

from litestar import Controller, post
from litestar.params import JSONBody, URLEncodedBody

from apps.accounts.controllers.me import me_out
from apps.accounts.email_change.changing import confirm_email_change
from apps.accounts.guards import CurrentUserDep, signed_in
from apps.accounts.links.password_links import LinkOver, count_reset, forget_password, set_password_by_link
from apps.accounts.models import SessionKind
from apps.accounts.passkeys.challenges import PasskeyRefused, RelyingParty, relying_party
from apps.accounts.passkeys.passkeys import options_to_sign_in
from apps.accounts.passkeys.signing_in import sign_in_with_passkey
from apps.accounts.passwords import WeakPassword
from apps.accounts.registration.registration import WrongRegistrationPassword, confirm_registration, register
from apps.accounts.schemas import (
    ConfirmEmailIn,
    ConfirmEmailOut,
    ConfirmIn,
    ForgotIn,
    MailedOut,
    MeOut,
    PasskeyOptionsOut,
    RegisterIn,
    ResetIn,
    TokenIn,
    TokenOut,
)
from apps.accounts.sessions.limits import REGISTRATIONS, TRIES
from apps.accounts.sessions.origin import Origin, origin_of
from apps.accounts.sessions.refreshing import renew
from apps.accounts.sessions.refusals import (
    BadCredentials,
    BadRefreshToken,
    SecondFactorNeeded,
    SignInOver,
    UnknownGrant,
    WrongCode,
)
from apps.accounts.sessions.sessions import Opened, end_session, end_sessions
from apps.accounts.sessions.signing_in import finish_sign_in, sign_in
from apps.accounts.sessions.tokens import LIFETIME, Access, access_token
from apps.core.db.database import Database
from apps.core.http.openapi import problems
from apps.core.http.rate_limits import Limits, LimitsDependency, caller
from apps.core.http.requests import PUBLIC, SECRET, SMALL_BODY, AnyRequest, Db, Session, locale_of


class AuthController(Controller):
    path = "/api/v1/auth"
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Account"]

    @post("/register", status_code=202, opt=PUBLIC, limit=REGISTRATIONS, responses=problems(WeakPassword))
    async def register(
        self, data: JSONBody[RegisterIn], request: AnyRequest, session: Session, limits: LimitsDependency
    ) -> MailedOut:
        """Ask for an account. A link is mailed that confirms the address; who has an account is mailed that instead."""
        await register(
            session,
            limits,
            email=data.email,
            password=data.password,
            name=data.name,
            locale=data.locale or locale_of(request),
            news=data.news,
            by=caller(request),
        )
        return MailedOut(data.email)

    @post(
        "/confirm",
        status_code=201,
        operation_id="confirmRegistration",
        opt=PUBLIC,
        limit=TRIES,
        responses=problems(LinkOver, WrongRegistrationPassword),
    )
    async def confirm(self, data: JSONBody[ConfirmIn], db: Db) -> MeOut:
        """Open the account that was asked for, with the token of the link and the password that was chosen."""
        return me_out(
            await confirm_registration(db, data.token, password=data.password), permissions=(), entitlements=()
        )

    @post("/forgot", status_code=202, operation_id="forgotPassword", opt=PUBLIC, limit=REGISTRATIONS)
    async def forgot(
        self, data: JSONBody[ForgotIn], request: AnyRequest, db: Db, limits: LimitsDependency
    ) -> MailedOut:
        """Have a link mailed that sets a new password."""
        await count_reset(db, limits, origin_of(request, device_token=data.device_token), data.email)
        async with db.begin() as session:
            await forget_password(session, data.email)
        return MailedOut(data.email)

    @post(
        "/reset",
        status_code=204,
        operation_id="resetPassword",
        opt=PUBLIC,
        limit=TRIES,
        responses=problems(LinkOver, WeakPassword),
    )
    async def reset(self, data: JSONBody[ResetIn], db: Db) -> None:
        """Set a new password with the token of the link. All sessions of the account end."""
        await set_password_by_link(db, data.token, password=data.password)

    @post(
        "/confirm-email",
        status_code=200,
        operation_id="confirmEmail",
        opt=PUBLIC,
        limit=TRIES,
        responses=problems(LinkOver),
    )
    async def confirm_email(self, data: JSONBody[ConfirmEmailIn], session: Session) -> ConfirmEmailOut:
        """Confirm a change of address with the token of the link, at the old address and at the new one."""
        return ConfirmEmailOut(await confirm_email_change(session, data.token))

    @post(
        "/token",
        status_code=200,
        operation_id="signIn",
        opt=PUBLIC,
        limit=TRIES,
        responses=problems(
            BadCredentials, SecondFactorNeeded, WrongCode, SignInOver, PasskeyRefused, BadRefreshToken, UnknownGrant
        ),
    )
    async def token(
        self, data: URLEncodedBody[TokenIn], request: AnyRequest, db: Db, limits: LimitsDependency
    ) -> TokenOut:
        """Sign in with address and password, then with a code where the account has a second factor; or go on with a
        refresh token, which works once and brings the next."""
        origin = origin_of(request, device_token=data.device_token)
        return await grant(data, db, limits, origin, relying_party(request))

    @post("/passkey-options", status_code=200, operation_id="passkeySignInOptions", opt=PUBLIC, limit=TRIES)
    async def passkey_options(self, request: AnyRequest) -> PasskeyOptionsOut:
        """What the browser needs to ask for a passkey, good for 30 minutes."""
        return PasskeyOptionsOut(options_to_sign_in(relying_party(request)))

    @post("/logout", status_code=204, guards=[signed_in])
    async def logout(self, current_user: CurrentUserDep, session: Session) -> None:
        """End this session: its access and refresh tokens are worth nothing from now on."""
        await end_session(session, current_user)

    @post("/logout-everywhere", status_code=204, guards=[signed_in])
    async def logout_everywhere(self, current_user: CurrentUserDep, session: Session) -> None:
        """End all sessions of this account, this one too."""
        await end_sessions(session, current_user.id)


async def grant(data: TokenIn, db: Database, limits: Limits, origin: Origin, party: RelyingParty) -> TokenOut:
    """Raises GrantRefused, PasskeyRefused, TooManyRequests, Busy."""
    api = SessionKind.api
    match data.grant_type:
        case "password":
            email = data.username.lower()
            return _tokens(await sign_in(db, limits, api, origin, email=email, password=data.password))
        case "second_factor":
            token, code = data.second_factor_token, data.code
            return _tokens(await finish_sign_in(db, limits, api, origin, token=token, code=code))
        case "passkey":
            return _tokens(await sign_in_with_passkey(db, limits, api, origin, party, answer=data.passkey))
        case "refresh_token":
            tokens = await renew(db, data.refresh_token, origin)
            return _token_out(tokens.access, tokens.refresh, None)
        case _:
            raise UnknownGrant


def _tokens(opened: Opened) -> TokenOut:
    access = access_token(Access(opened.user_id, opened.session_id), at=opened.at)
    return _token_out(access, opened.token, opened.device_token)


def _token_out(access: str, refresh: str, device: str | None) -> TokenOut:
    return TokenOut(access, "bearer", int(LIFETIME.total_seconds()), refresh, device)
