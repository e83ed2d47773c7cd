"""Registering over the API with a passkey in the place of a password."""

from litestar import Controller, post
from litestar.params import JSONBody

from apps.accounts.devices.programs import program_name
from apps.accounts.links.password_links import LinkOver
from apps.accounts.passkeys.challenges import PasskeyRefused, relying_party
from apps.accounts.registration.with_passkey import (
    confirming_with_passkey,
    options_to_confirm,
    options_to_register,
    register_with_passkey,
)
from apps.accounts.schemas import (
    MailedOut,
    PasskeyConfirmationOptionsIn,
    PasskeyConfirmIn,
    PasskeyOptionsOut,
    PasskeyRegisterIn,
    PasskeyRegistrationOptionsIn,
    RecoveryCodesOut,
)
from apps.accounts.sessions.limits import REGISTRATIONS, TRIES
from apps.accounts.sessions.origin import origin_of
from apps.core.http.openapi import problems
from apps.core.http.rate_limits import LimitsDependency, caller
from apps.core.http.requests import PUBLIC, SECRET, SMALL_BODY, AnyRequest, Db, Reads, Session, locale_of


class PasskeyRegistrationController(Controller):
    path = "/api/v1/auth"
    opt = PUBLIC
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    tags = ["Account"]

    @post("/register-passkey-options", status_code=200, operation_id="passkeyRegistrationOptions", limit=TRIES)
    async def options(self, data: JSONBody[PasskeyRegistrationOptionsIn], request: AnyRequest) -> PasskeyOptionsOut:
        """What the browser needs to make a passkey for a new account, good for 30 minutes."""
        return PasskeyOptionsOut(options_to_register(relying_party(request), email=data.email, name=data.name))

    @post(
        "/register-passkey",
        status_code=202,
        operation_id="registerWithPasskey",
        limit=REGISTRATIONS,
        responses=problems(PasskeyRefused),
    )
    async def register(
        self, data: JSONBody[PasskeyRegisterIn], request: AnyRequest, session: Session, limits: LimitsDependency
    ) -> MailedOut:
        """Ask for an account with a passkey. A link is mailed that confirms the address; who has an account is mailed
        that instead."""
        locale = data.locale or locale_of(request)
        await register_with_passkey(
            session,
            limits,
            relying_party(request),
            email=data.email,
            name=data.name,
            locale=locale,
            by=caller(request),
            answer=data.answer,
            device=program_name(origin_of(request, device_token="").program, locale),
        )
        return MailedOut(data.email)

    @post(
        "/confirm-passkey-options",
        status_code=200,
        operation_id="passkeyConfirmationOptions",
        limit=TRIES,
        responses=problems(LinkOver),
    )
    async def confirmation_options(
        self, data: JSONBody[PasskeyConfirmationOptionsIn], request: AnyRequest, reads: Reads
    ) -> PasskeyOptionsOut:
        """What the browser needs to show the passkey that was registered with."""
        options = await options_to_confirm(reads, relying_party(request), data.token)
        if not options:
            raise LinkOver
        return PasskeyOptionsOut(options)

    @post(
        "/confirm-passkey",
        status_code=201,
        operation_id="confirmWithPasskey",
        limit=TRIES,
        responses=problems(LinkOver, PasskeyRefused),
    )
    async def confirm(self, data: JSONBody[PasskeyConfirmIn], request: AnyRequest, db: Db) -> RecoveryCodesOut:
        """Open the account that was asked for, with the token of the link and the passkey. Then sign in with it."""
        async with confirming_with_passkey(db, relying_party(request), data.token, answer=data.answer) as made:
            return RecoveryCodesOut(list(made.recovery_codes))
