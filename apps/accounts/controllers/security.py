"""How who is signed in signs in, over the API: second factors, sessions, history."""

from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import CurrentUserDep, signed_in
from apps.accounts.oidc.linking import unlink
from apps.accounts.own_reads import factors_of, own_sessions, own_sign_ins
from apps.accounts.passkeys.challenges import PasskeyRefused, relying_party
from apps.accounts.passkeys.passkeys import TooManyPasskeys, add_passkey, options_to_add, remove_passkey
from apps.accounts.passkeys.signing_in import prove_by_passkey
from apps.accounts.schemas import CodeIn, FactorsOut, NewAppOut, PasskeyIn, PasskeyOptionsOut, ProofIn, RecoveryCodesOut
from apps.accounts.second_factor.enrolling import (
    AppAlreadySetUp,
    NoSecondFactor,
    WrongFirstCode,
    begin_totp,
    confirm_totp,
    remove_totp,
    renew_recovery_codes,
)
from apps.accounts.sessions.limits import PASSWORD_CHANGES, TRIES
from apps.accounts.sessions.origin import origin_of
from apps.accounts.sessions.proof import CodeNeeded, ProofNeeded, WrongProof, prove_by_code, prove_by_password
from apps.accounts.sessions.schemas import SessionOut, SignInOut
from apps.accounts.sessions.sessions import end_one_session, end_other_sessions
from apps.accounts.users.last_sign_in import LastSignIn
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, Page, PageSize
from apps.core.http.rate_limits import LimitsDependency
from apps.core.http.requests import SECRET, SMALL_BODY, AnyRequest, Db, Reads, Session, locale_of


class SecurityController(Controller):
    path = "/api/v1/me"
    cache_control = SECRET
    request_max_body_size = SMALL_BODY
    guards = [signed_in]
    tags = ["Account"]

    @get("/factors", operation_id="showMyFactors")
    async def show_factors(self, current_user: CurrentUserDep, reads: Reads) -> FactorsOut:
        """What this account signs in with."""
        return await factors_of(reads, current_user)

    @post(
        "/proof",
        status_code=204,
        operation_id="proveMe",
        limit=TRIES,
        responses=problems(WrongProof, CodeNeeded, PasskeyRefused),
    )
    async def prove(
        self,
        data: JSONBody[ProofIn],
        current_user: CurrentUserDep,
        request: AnyRequest,
        db: Db,
        limits: LimitsDependency,
    ) -> None:
        """Show once more who it is. For 15 minutes this session may change how its user signs in."""
        origin = origin_of(request, device_token=data.device_token)
        if data.passkey:
            await prove_by_passkey(db, current_user, relying_party(request), answer=data.passkey)
        elif data.code:
            await prove_by_code(db, limits, origin, current_user, data.code)
        else:
            await prove_by_password(db, limits, origin, current_user, data.password)

    @post(
        "/totp",
        status_code=201,
        operation_id="beginMyApp",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded, AppAlreadySetUp),
    )
    async def begin_app(self, current_user: CurrentUserDep, session: Session) -> NewAppOut:
        """Begin to set up an authenticator app. Needs a fresh proof."""
        begun = await begin_totp(session, current_user)
        return NewAppOut(begun.secret, begun.url)

    @post(
        "/totp/confirm",
        status_code=200,
        operation_id="confirmMyApp",
        limit=TRIES,
        responses=problems(ProofNeeded, AppAlreadySetUp, WrongFirstCode),
    )
    async def confirm_app(
        self, data: JSONBody[CodeIn], current_user: CurrentUserDep, session: Session
    ) -> RecoveryCodesOut:
        """Show the first code of the app; from now on it is asked for at sign-in."""
        return RecoveryCodesOut(list(await confirm_totp(session, current_user, data.code)))

    @delete("/totp", operation_id="removeMyApp", limit=PASSWORD_CHANGES, responses=problems(ProofNeeded))
    async def remove_app(self, current_user: CurrentUserDep, session: Session) -> None:
        """Sign in without the app from now on. Needs a fresh proof."""
        await remove_totp(session, current_user)

    @post(
        "/recovery-codes",
        status_code=201,
        operation_id="renewMyRecoveryCodes",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded, NoSecondFactor),
    )
    async def renew_codes(self, current_user: CurrentUserDep, session: Session) -> RecoveryCodesOut:
        """New recovery codes; the old ones no longer work. Needs a fresh proof."""
        return RecoveryCodesOut(list(await renew_recovery_codes(session, current_user)))

    @post(
        "/passkeys/options",
        status_code=200,
        operation_id="passkeyOptions",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded),
    )
    async def passkey_options(
        self, current_user: CurrentUserDep, request: AnyRequest, reads: Reads
    ) -> PasskeyOptionsOut:
        """What the browser needs to make a passkey. Needs a fresh proof."""
        return PasskeyOptionsOut(await options_to_add(reads, current_user, relying_party(request)))

    @post(
        "/passkeys",
        status_code=201,
        operation_id="addMyPasskey",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded, PasskeyRefused, TooManyPasskeys),
    )
    async def add_passkey(
        self, data: JSONBody[PasskeyIn], current_user: CurrentUserDep, request: AnyRequest, session: Session
    ) -> RecoveryCodesOut:
        """Add the passkey that the browser has made. Needs a fresh proof."""
        party = relying_party(request)
        return RecoveryCodesOut(await add_passkey(session, current_user, party, answer=data.answer, name=data.name))

    @delete("/passkeys/{id:uuid}", operation_id="removeMyPasskey", responses=problems(ProofNeeded, LastSignIn))
    async def remove_passkey(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> None:
        """Needs a fresh proof."""
        await remove_passkey(session, current_user, id)

    @delete("/linked-sign-ins/{id:uuid}", operation_id="unlinkMySignIn", responses=problems(ProofNeeded, LastSignIn))
    async def unlink_sign_in(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> None:
        """Sign in with that account elsewhere no more. Needs a fresh proof."""
        await unlink(session, current_user, id)

    @get("/sessions", operation_id="listMySessions")
    async def list_sessions(self, current_user: CurrentUserDep, request: AnyRequest, reads: Reads) -> list[SessionOut]:
        """Where this account is signed in: the newest 100."""
        return await own_sessions(reads, current_user, locale=locale_of(request))

    @delete("/sessions/{id:uuid}", operation_id="endMySession")
    async def end_session(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> None:
        """Sign out there. A session that is over stays so."""
        await end_one_session(session, current_user, id)

    @post("/sessions/end-others", status_code=204, operation_id="endMyOtherSessions")
    async def end_others(self, current_user: CurrentUserDep, session: Session) -> None:
        """Sign out everywhere else."""
        await end_other_sessions(session, current_user)

    @get("/sign-ins", operation_id="listMySignIns")
    async def list_sign_ins(
        self,
        current_user: CurrentUserDep,
        request: AnyRequest,
        reads: Reads,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[SignInOut]:
        """Attempts to sign in to this account, those that failed, too; the newest first."""
        locale = locale_of(request)
        return await own_sign_ins(reads, current_user, locale=locale, after=after, limit=limit)
