"""Signing in with a passkey alone, and showing one once more."""

from uuid import UUID

from apps.accounts.current_user import CurrentUser, refuse_impersonator
from apps.accounts.models import SessionKind, SignInMethod, SignInResult
from apps.accounts.passkeys.challenges import PasskeyRefused, RelyingParty
from apps.accounts.passkeys.passkeys import show_passkey
from apps.accounts.sessions.history import Attempt, record_attempt
from apps.accounts.sessions.limits import NOTED_PASSKEYS
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.proof import note_proof
from apps.accounts.sessions.sessions import Opened, begin_session
from apps.core.db.database import Database
from apps.core.http.rate_limits import Limits, TooManyRequests

PASSKEY = SignInMethod.passkey


async def sign_in_with_passkey(
    db: Database, limits: Limits, kind: SessionKind, origin: Origin, party: RelyingParty, *, answer: str
) -> Opened:
    """A session of its own. `answer`: what the browser made of `options_to_sign_in`. Raises PasskeyRefused."""
    try:
        async with db.begin() as session:
            shown = await show_passkey(session, party, answer)
            return await begin_session(session, shown.user, kind, origin, method=PASSKEY, has_second_factor=True)
    except PasskeyRefused as refusal:
        if refusal.of:
            await _note_refused(db, limits, kind, origin, refusal.of)
        raise


async def _note_refused(db: Database, limits: Limits, kind: SessionKind, origin: Origin, user_id: UUID) -> None:
    """In a transaction of its own, and some of a flood only, which must not fill the history."""
    try:
        await limits.hit(NOTED_PASSKEYS, str(user_id))
    except TooManyRequests:
        return
    async with db.transaction() as connection:
        await record_attempt(connection, Attempt(kind, PASSKEY, SignInResult.refused, origin), user_id=user_id)


async def prove_by_passkey(db: Database, current_user: CurrentUser, party: RelyingParty, *, answer: str) -> None:
    """Raises PasskeyRefused, NotAsSomebodyElse."""
    refuse_impersonator(current_user)
    async with db.begin() as session:
        shown = await show_passkey(session, party, answer)
        if shown.user.id != current_user.id:
            raise PasskeyRefused
        await note_proof(session, current_user, has_second_factor=True)
