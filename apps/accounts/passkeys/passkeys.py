"""Adding, showing and removing passkeys. Each verifies its user, so that it counts as two factors."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import undefer
from webauthn.helpers import base64url_to_bytes

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import Credential, CredentialKind, User
from apps.accounts.notices import Notice
from apps.accounts.passkeys.answers import (
    About,
    NewPasskey,
    counter_of_shown,
    keep_passkey,
    options_to_make,
    options_to_show,
    read_answer,
    read_new_passkey,
)
from apps.accounts.passkeys.challenges import SIGN_IN, PasskeyRefused, RelyingParty, adding_purpose, use_challenge
from apps.accounts.repositories import CREDENTIALS, UserRepository
from apps.accounts.second_factor.changes import note_change
from apps.accounts.second_factor.factors import second_factors
from apps.accounts.second_factor.recovery_codes import end_recovery_codes, new_recovery_codes
from apps.accounts.sessions.proof import note_proof, refuse_stale_proof
from apps.accounts.users.last_sign_in import refuse_last_sign_in
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _

PASSKEY = CredentialKind.passkey
MOST = 20


class TooManyPasskeys(AppError):
    status = 409
    type = "too-many-passkeys"
    message = _("This account has as many passkeys as one can have. Remove one first.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey that was shown: whose it is, and its row."""

    user: User
    credential: Credential


async def options_to_add(reads: AsyncConnection, current_user: CurrentUser, party: RelyingParty) -> str:
    """The JSON of PublicKeyCredentialCreationOptions. Raises ProofNeeded."""
    refuse_stale_proof(current_user)
    found = select(CREDENTIALS.c.external_id).where(*_of(current_user.id))
    known = [base64url_to_bytes(id) for id in (await reads.execute(found)).scalars() if id]
    about = About(current_user.id, current_user.email, current_user.name or current_user.email)
    return options_to_make(party, adding_purpose(current_user.session_id), about, known=known)


def options_to_sign_in(party: RelyingParty) -> str:
    """The JSON of PublicKeyCredentialRequestOptions: whichever passkey of this site the user chooses."""
    return options_to_show(party, SIGN_IN)


async def add_passkey(
    session: AsyncSession, current_user: CurrentUser, party: RelyingParty, *, answer: str, name: str
) -> list[str]:
    """`answer`: what the browser made of `options_to_add`. New recovery codes for who has had no second factor.

    Raises ProofNeeded, PasskeyRefused, TooManyPasskeys.
    """
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    made = await read_new_passkey(session, party, adding_purpose(current_user.session_id), answer)
    await _refuse_one_too_many(session, user.id)
    had_factors = await second_factors(session, user.id)
    await keep_passkey(session, user.id, made, name=name)
    await note_proof(session, current_user, has_second_factor=True)
    await note_change(session, user, "accounts.add_passkey", Notice.passkey_added, actor=current_user.actor)
    return [] if had_factors else list(await new_recovery_codes(session, user.id))


async def show_passkey(session: AsyncSession, party: RelyingParty, answer: str) -> Shown:
    """Whose passkey it is that signed the challenge. Raises PasskeyRefused."""
    shown, challenge = read_answer(answer)
    await use_challenge(session, SIGN_IN, challenge)
    credential = await _find(session, str(shown.get("id", "")))
    if credential is None:
        raise PasskeyRefused(of=await _user_named_in(session, shown))
    user = await UserRepository(session=session).lock_one(User.id == credential.user_id, User.disabled_at.is_(None))
    if user is None:
        raise PasskeyRefused(of=credential.user_id)
    passkey = NewPasskey(str(credential.external_id), credential.secret, credential.counter)
    try:
        credential.counter = counter_of_shown(passkey, party, shown, challenge)
    except PasskeyRefused:
        raise PasskeyRefused(of=user.id) from None
    credential.used_at = await now(session)
    return Shown(user, credential)


async def remove_passkey(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """One of the user's own; nothing where it is none. Raises ProofNeeded, LastSignIn."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    removed = delete(CREDENTIALS).where(*_of(user.id), CREDENTIALS.c.id == id).returning(CREDENTIALS.c.id)
    if (await session.execute(removed)).first() is None:
        return
    await refuse_last_sign_in(session, user.id)
    if not await second_factors(session, user.id):
        await end_recovery_codes(session, user.id)
    await note_change(session, user, "accounts.remove_passkey", Notice.passkey_removed, actor=current_user.actor)


async def _user_named_in(session: AsyncSession, shown: dict[str, Any]) -> UUID | None:
    """Whose the device says it is: by the handle that it was made with, which is the user's id."""
    try:
        handle = UUID(bytes=base64url_to_bytes(shown["response"]["userHandle"]))
    except (KeyError, TypeError, ValueError):
        return None
    found: UUID | None = await session.scalar(select(User.id).where(User.id == handle))
    return found


async def _find(session: AsyncSession, id: str) -> Credential | None:
    found = select(Credential).where(Credential.kind == PASSKEY, Credential.external_id == id[:1400])
    return (await session.scalars(found.options(undefer(Credential.secret)).with_for_update())).one_or_none()


async def _refuse_one_too_many(session: AsyncSession, user_id: UUID) -> None:
    found = await session.execute(select(func.count()).select_from(CREDENTIALS).where(*_of(user_id)))
    if found.scalar_one() >= MOST:
        raise TooManyPasskeys


def _of(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind == PASSKEY
