"""Setting up codes of an app, and giving them up, by who has just shown who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import ONE_OF_A_USER, CredentialKind, User
from apps.accounts.notices import Notice
from apps.accounts.repositories import CREDENTIALS, UserRepository
from apps.accounts.second_factor.changes import note_change
from apps.accounts.second_factor.factors import second_factors
from apps.accounts.second_factor.recovery_codes import end_recovery_codes, new_recovery_codes
from apps.accounts.second_factor.totp import PURPOSE, encrypted_secret, new_secret, provisioning_url, step_of
from apps.accounts.sessions.proof import note_proof, refuse_stale_proof
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.security.encryption import Unreadable, decrypt
from apps.core.text.i18n import lazy as _

TOTP = CredentialKind.totp


class AppAlreadySetUp(AppError):
    status = 409
    type = "app-already-set-up"
    message = _("An authenticator app is set up already. Remove it first.")


class WrongFirstCode(AppError):
    status = 422
    type = "wrong-first-code"
    message = _("This code is not right. Is the clock of your phone right?")
    about = ("code",)


class NoSecondFactor(AppError):
    status = 409
    type = "no-second-factor"
    message = _("Recovery codes go with an authenticator app or a passkey. Set up one of them first.")


@dataclass(frozen=True, slots=True)
class NewApp:
    """`secret`: what is typed into the app; `url`: the same for a QR code."""

    secret: str
    url: str


async def begin_totp(session: AsyncSession, current_user: CurrentUser) -> NewApp:
    """A secret that counts once a code of it was shown; one that was begun before is forgotten.

    Raises ProofNeeded, AppAlreadySetUp.
    """
    refuse_stale_proof(current_user)
    await UserRepository(session=session).find_locked(current_user.id)
    secret = new_secret()
    new = insert(CREDENTIALS).values(
        id=uuid7(), user_id=current_user.id, kind=TOTP, secret=encrypted_secret(secret), counter=0
    )
    in_place = new.on_conflict_do_update(
        index_elements=["user_id", "kind"],
        index_where=text(ONE_OF_A_USER),
        set_={"secret": new.excluded.secret},
        where=CREDENTIALS.c.confirmed_at.is_(None),
    )
    if (await session.execute(in_place.returning(CREDENTIALS.c.id))).first() is None:
        raise AppAlreadySetUp
    return NewApp(secret, provisioning_url(secret, email=current_user.email))


async def begun_totp(session: AsyncSession, current_user: CurrentUser) -> NewApp | None:
    """The one that waits for its first code."""
    found = select(CREDENTIALS.c.secret).where(*_totp_of(current_user.id), CREDENTIALS.c.confirmed_at.is_(None))
    encrypted = await session.scalar(found)
    if encrypted is None:
        return None
    try:
        secret = decrypt(PURPOSE, encrypted)
    except Unreadable:
        return None
    return NewApp(secret, provisioning_url(secret, email=current_user.email))


async def confirm_totp(session: AsyncSession, current_user: CurrentUser, code: str) -> Sequence[str]:
    """From now on the app is asked for. New recovery codes, unless the user has some already.

    Raises ProofNeeded, AppAlreadySetUp, WrongFirstCode.
    """
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    begun, moment = await begun_totp(session, current_user), await now(session)
    if begun is None:
        raise AppAlreadySetUp
    step = step_of(begun.secret, "".join(code.split()), at=moment)
    if step is None:
        raise WrongFirstCode
    had_factors = await second_factors(session, user.id)
    mine = update(CREDENTIALS).where(*_totp_of(user.id))
    await session.execute(mine.values(confirmed_at=moment, used_at=moment, counter=step))
    await note_proof(session, current_user, has_second_factor=True)
    await note_change(session, user, "accounts.add_totp", Notice.app_added, actor=current_user.actor)
    return [] if CredentialKind.recovery_code in had_factors else await new_recovery_codes(session, user.id)


async def remove_totp(session: AsyncSession, current_user: CurrentUser) -> None:
    """Raises ProofNeeded."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    removed = await session.execute(delete(CREDENTIALS).where(*_totp_of(user.id)).returning(CREDENTIALS.c.id))
    if removed.first() is None:
        return
    if not await second_factors(session, user.id):
        await end_recovery_codes(session, user.id)
    await note_change(session, user, "accounts.remove_totp", Notice.app_removed, actor=current_user.actor)


async def renew_recovery_codes(session: AsyncSession, current_user: CurrentUser) -> Sequence[str]:
    """To be shown once; those of before work no more. Raises ProofNeeded, NoSecondFactor."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    if not await second_factors(session, user.id):
        raise NoSecondFactor
    await note_change(
        session, user, "accounts.renew_recovery_codes", Notice.recovery_codes_renewed, actor=current_user.actor
    )
    return await new_recovery_codes(session, user.id)


async def reset_second_factors(session: AsyncSession, user: User, *, actor: str) -> None:
    """For who has lost all of them; `user` is locked. Who had none is told nothing.

    Whoever calls this has asked whether `actor` may.
    """
    kinds = (TOTP, CredentialKind.passkey, CredentialKind.recovery_code)
    theirs = (CREDENTIALS.c.user_id == user.id, CREDENTIALS.c.kind.in_(kinds))
    if (await session.execute(delete(CREDENTIALS).where(*theirs).returning(CREDENTIALS.c.id))).first() is None:
        return
    await note_change(session, user, "accounts.reset_second_factors", Notice.factors_reset, actor=actor)


def _totp_of(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind == TOTP
