"""Accounts over the API: register, sign in and out, and what belongs to who is signed in."""

from collections.abc import Iterable

from litestar import Controller, get, post, put
from litestar.params import JSONBody, URLEncodedBody

from apps.accounts.current_user import CurrentUser
from apps.accounts.guards import CurrentUserDep, signed_in
from apps.accounts.links.password_links import LinkOver, forget_password, set_password_by_link
from apps.accounts.models import User
from apps.accounts.passwords import WeakPassword
from apps.accounts.registration.registration import WrongRegistrationPassword, confirm_registration, register
from apps.accounts.schemas import (
    ChangePasswordIn,
    ConfirmIn,
    ForgotIn,
    MailedOut,
    MeIn,
    MeOut,
    RegisterIn,
    ResetIn,
    TokenIn,
    TokenOut,
)
from apps.accounts.services import WrongPassword, change_password, change_profile
from apps.accounts.sessions.devices import device_token
from apps.accounts.sessions.limits import (
    PASSWORD_CHANGES,
    PROFILE_CHANGES,
    REGISTRATIONS,
    RESET_MAILS,
    TRIES,
    count_mail,
    count_try,
)
from apps.accounts.sessions.sessions import (
    BadCredentials,
    BadRefreshToken,
    Tokens,
    UnknownGrant,
    end_session,
    end_sessions,
    renew,
    sign_in,
)
from apps.accounts.sessions.tokens import LIFETIME
from apps.core.db.database import Database
from apps.core.http.openapi import problems
from apps.core.http.rate_limits import Limits, LimitsDependency, caller
from apps.core.http.requests import PERSONAL, PUBLIC, SECRET, SMALL_BODY, AnyRequest, Db, Session, locale_of


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
        return _me(await confirm_registration(db, data.token, password=data.password), permissions=())

    @post("/forgot", status_code=202, operation_id="forgotPassword", opt=PUBLIC, limit=REGISTRATIONS)
    async def forgot(
        self, data: JSONBody[ForgotIn], request: AnyRequest, session: Session, limits: LimitsDependency
    ) -> MailedOut:
        """Have a link mailed that sets a new password."""
        await count_mail(limits, RESET_MAILS, email=data.email.lower(), by=caller(request))
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
        "/token",
        status_code=200,
        operation_id="signIn",
        opt=PUBLIC,
        limit=TRIES,
        responses=problems(BadCredentials, BadRefreshToken, UnknownGrant),
    )
    async def token(
        self, data: URLEncodedBody[TokenIn], request: AnyRequest, db: Db, limits: LimitsDependency
    ) -> TokenOut:
        """Sign in with address and password, or go on with a refresh token, which works once and brings the next."""
        tokens = await grant(data, db, limits, by=caller(request))
        device = device_token(data.username.lower(), known=data.device_token) if data.password else None
        return TokenOut(tokens.access, "bearer", int(LIFETIME.total_seconds()), tokens.refresh, device)

    @post("/logout", status_code=204, guards=[signed_in])
    async def logout(self, current_user: CurrentUserDep, session: Session) -> None:
        """End this session: its access and refresh tokens are worth nothing from now on."""
        await end_session(session, current_user)

    @post("/logout-everywhere", status_code=204, guards=[signed_in])
    async def logout_everywhere(self, current_user: CurrentUserDep, session: Session) -> None:
        """End all sessions of this account, this one too."""
        await end_sessions(session, current_user.id)


async def grant(data: TokenIn, db: Database, limits: Limits, *, by: str) -> Tokens:
    """`by` is who asks, as limits count them. Raises GrantRefused, TooManyRequests."""
    match data.grant_type:
        case "password":
            email = data.username.lower()
            await count_try(limits, email=email, by=by, device=data.device_token)
            return await sign_in(db, email=email, password=data.password)
        case "refresh_token":
            return await renew(db, data.refresh_token)
        case _:
            raise UnknownGrant


class MeController(Controller):
    path = "/api/v1/me"
    cache_control = PERSONAL
    request_max_body_size = SMALL_BODY
    guards = [signed_in]
    tags = ["Account"]

    @get("/")
    async def show(self, current_user: CurrentUserDep) -> MeOut:
        """Who is signed in."""
        return _me(current_user, permissions=current_user.permissions)

    @put("/", limit=PROFILE_CHANGES)
    async def change(self, data: JSONBody[MeIn], current_user: CurrentUserDep, session: Session) -> MeOut:
        """Change name and language."""
        user = await change_profile(session, current_user, name=data.name, locale=data.locale)
        return _me(user, permissions=current_user.permissions)

    @post(
        "/password",
        status_code=204,
        operation_id="changeMyPassword",
        limit=PASSWORD_CHANGES,
        responses=problems(WrongPassword, WeakPassword),
    )
    async def change_password(self, data: JSONBody[ChangePasswordIn], current_user: CurrentUserDep, db: Db) -> None:
        """Change the password. All other sessions end, this one stays."""
        await change_password(db, current_user, current=data.current, new=data.new)


def _me(who: User | CurrentUser, *, permissions: Iterable[str]) -> MeOut:
    return MeOut(who.id, who.email, who.name, who.locale, sorted(permissions))
