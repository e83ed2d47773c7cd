"""Adding, showing and removing passkeys. Each verifies its user, so that it counts as two factors."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import webauthn
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import undefer
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import Credential, CredentialKind, User
from apps.accounts.notices import Notice
from apps.accounts.passkeys.challenges import (
    SIGN_IN,
    PasskeyRefused,
    RelyingParty,
    adding_purpose,
    new_challenge,
    use_challenge,
)
from apps.accounts.repositories import CREDENTIALS, UserRepository
from apps.accounts.second_factor.changes import note_change
from apps.accounts.second_factor.factors import second_factors
from apps.accounts.second_factor.recovery_codes import end_recovery_codes, new_recovery_codes
from apps.accounts.sessions.proof import note_proof, refuse_stale_proof
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from project.settings import settings

PASSKEY = CredentialKind.passkey
BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What an answer that is none makes of the library."""
MOST = 20
LONGEST_ANSWER = 8192
"""Characters of the browser's JSON."""


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
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=settings.band_name,
        user_id=current_user.id.bytes,
        user_name=current_user.email,
        user_display_name=current_user.name or current_user.email,
        challenge=new_challenge(adding_purpose(current_user.session_id)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json(options)


def options_to_sign_in(party: RelyingParty) -> str:
    """The JSON of PublicKeyCredentialRequestOptions: whichever passkey of this site the user chooses."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id, challenge=new_challenge(SIGN_IN), user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


async def add_passkey(
    session: AsyncSession, current_user: CurrentUser, party: RelyingParty, *, answer: str, name: str
) -> list[str]:
    """`answer`: what the browser made of `options_to_add`. New recovery codes for who has had no second factor.

    Raises ProofNeeded, PasskeyRefused, TooManyPasskeys.
    """
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    made, challenge = _read(answer)
    await use_challenge(session, adding_purpose(current_user.session_id), challenge)
    try:
        verified = webauthn.verify_registration_response(
            credential=made,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except BROKEN:
        raise PasskeyRefused from None
    await _refuse_one_too_many(session, user.id)
    had_factors = await second_factors(session, user.id)
    session.add(
        Credential(
            user_id=user.id,
            kind=PASSKEY,
            external_id=bytes_to_base64url(verified.credential_id),
            secret=bytes_to_base64url(verified.credential_public_key),
            counter=verified.sign_count,
            name=name.strip(),
            confirmed_at=await now(session),
        )
    )
    try:
        await session.flush()
    except IntegrityError:
        raise PasskeyRefused from None
    await note_proof(session, current_user, has_second_factor=True)
    await note_change(session, user, "accounts.add_passkey", Notice.passkey_added, actor=current_user.actor)
    return [] if had_factors else list(await new_recovery_codes(session, user.id))


async def show_passkey(session: AsyncSession, party: RelyingParty, answer: str) -> Shown:
    """Whose passkey it is that signed the challenge. Raises PasskeyRefused."""
    made, challenge = _read(answer)
    await use_challenge(session, SIGN_IN, challenge)
    credential = await _find(session, str(made.get("id", "")))
    user = await UserRepository(session=session).lock_one(User.id == credential.user_id, User.disabled_at.is_(None))
    if user is None:
        raise PasskeyRefused
    try:
        verified = webauthn.verify_authentication_response(
            credential=made,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(credential.secret),
            credential_current_sign_count=credential.counter,
            require_user_verification=True,
        )
    except BROKEN:
        raise PasskeyRefused from None
    credential.counter, credential.used_at = verified.new_sign_count, await now(session)
    return Shown(user, credential)


async def remove_passkey(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """One of the user's own; nothing where it is none. Raises ProofNeeded."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    removed = delete(CREDENTIALS).where(*_of(user.id), CREDENTIALS.c.id == id).returning(CREDENTIALS.c.id)
    if (await session.execute(removed)).first() is None:
        return
    if not await second_factors(session, user.id):
        await end_recovery_codes(session, user.id)
    await note_change(session, user, "accounts.remove_passkey", Notice.passkey_removed, actor=current_user.actor)


async def _find(session: AsyncSession, id: str) -> Credential:
    found = select(Credential).where(Credential.kind == PASSKEY, Credential.external_id == id[:1400])
    credential = (await session.scalars(found.options(undefer(Credential.secret)).with_for_update())).one_or_none()
    if credential is None:
        raise PasskeyRefused
    return credential


def _read(answer: str) -> tuple[dict[str, Any], bytes]:
    """What the browser sent, and the challenge that it says to have signed. Raises PasskeyRefused."""
    try:
        made = msgspec.json.decode(answer[:LONGEST_ANSWER], type=dict[str, Any])
        client_data = base64url_to_bytes(made["response"]["clientDataJSON"])
        return made, base64url_to_bytes(msgspec.json.decode(client_data, type=dict[str, Any])["challenge"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise PasskeyRefused from None


async def _refuse_one_too_many(session: AsyncSession, user_id: UUID) -> None:
    found = await session.execute(select(func.count()).select_from(CREDENTIALS).where(*_of(user_id)))
    if found.scalar_one() >= MOST:
        raise TooManyPasskeys


def _of(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind == PASSKEY
