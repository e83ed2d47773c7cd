"""Signing in with a passkey alone, and showing one once more."""

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import SessionKind, SignInMethod
from apps.accounts.passkeys.challenges import PasskeyRefused, RelyingParty
from apps.accounts.passkeys.passkeys import show_passkey
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.proof import note_proof, refuse_impersonator
from apps.accounts.sessions.sessions import Opened, begin_session
from apps.core.db.database import Database


async def sign_in_with_passkey(
    db: Database, kind: SessionKind, origin: Origin, party: RelyingParty, *, answer: str
) -> Opened:
    """A session of its own. `answer`: what the browser made of `options_to_sign_in`. Raises PasskeyRefused."""
    async with db.begin() as session:
        shown = await show_passkey(session, party, answer)
        return await begin_session(
            session, shown.user, kind, origin, method=SignInMethod.passkey, has_second_factor=True
        )


async def prove_by_passkey(db: Database, current_user: CurrentUser, party: RelyingParty, *, answer: str) -> None:
    """Raises PasskeyRefused, NotAsSomebodyElse."""
    refuse_impersonator(current_user)
    async with db.begin() as session:
        shown = await show_passkey(session, party, answer)
        if shown.user.id != current_user.id:
            raise PasskeyRefused
        await note_proof(session, current_user, has_second_factor=True)
