"""Asking once more who somebody is, before what a stranger at an open screen must not do."""

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser, refuse_impersonator
from apps.accounts.devices.known_devices import known_device
from apps.accounts.passwords import is_right
from apps.accounts.repositories import SESSIONS, UserRepository, find_password
from apps.accounts.second_factor.factors import second_factors, use_code
from apps.accounts.sessions.cache import forget_cached
from apps.accounts.sessions.limits import CODE_TRIES, PASSWORD_TRIES, TryLimits, count_try
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.signing_in import lock_unchanged
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.http.rate_limits import Limits
from apps.core.text.i18n import lazy as _

PROVE_AT = "/api/v1/me/proof"


class ProofNeeded(AppError):
    """`prove_at`: where programs prove it, by POST; people are asked by the page."""

    status = 403
    type = "proof-needed"
    message = _("Please confirm first that it is you: with your password, a code or a passkey.")


class WrongProof(AppError):
    status = 403
    type = "wrong-proof"
    message = _("This is not right.")


class CodeNeeded(AppError):
    """Who has a second factor shows that; a password alone may have been guessed."""

    status = 403
    type = "code-needed"
    message = _("Please use the code of your authenticator app, or your passkey.")


def refuse_stale_proof(current_user: CurrentUser) -> None:
    """Raises ProofNeeded, NotAsSomebodyElse."""
    refuse_impersonator(current_user)
    if not current_user.has_fresh_proof:
        raise ProofNeeded(prove_at=PROVE_AT)


async def prove_by_password(
    db: Database, limits: Limits, origin: Origin, current_user: CurrentUser, password: str
) -> None:
    """Raises WrongProof, CodeNeeded, TooManyRequests, Busy."""
    await _count(db, limits, origin, current_user, PASSWORD_TRIES)
    async with db.reads() as reads:
        known = await find_password(reads, current_user.email)
    if known is None or not await is_right(password, known.password_hash):
        raise WrongProof
    async with db.begin() as session:
        user = await lock_unchanged(session, known)
        if user is None or user.id != current_user.id:
            raise WrongProof
        if await second_factors(session, user.id):
            raise CodeNeeded
        await note_proof(session, current_user)


async def prove_by_code(db: Database, limits: Limits, origin: Origin, current_user: CurrentUser, code: str) -> None:
    """A code of the app, or a recovery code. Raises WrongProof, TooManyRequests."""
    await _count(db, limits, origin, current_user, CODE_TRIES)
    async with db.begin() as session:
        user = await UserRepository(session=session).find_locked(current_user.id)
        if not await use_code(session, user.id, code, at=await now(session)):
            raise WrongProof
        await note_proof(session, current_user, has_second_factor=True)


async def note_proof(session: AsyncSession, current_user: CurrentUser, *, has_second_factor: bool = False) -> None:
    """That the user of this session has just shown who they are."""
    forget_cached(session)
    proof = {"proved_at": func.clock_timestamp()} | ({"has_second_factor": True} if has_second_factor else {})
    await session.execute(update(SESSIONS).where(SESSIONS.c.id == current_user.session_id).values(proof))


async def _count(db: Database, limits: Limits, origin: Origin, current_user: CurrentUser, tries: TryLimits) -> None:
    refuse_impersonator(current_user)
    async with db.reads() as reads:
        device = await known_device(reads, origin.device_token, current_user.email)
    await count_try(limits, tries, email=current_user.email, by=origin.caller, device=device)
