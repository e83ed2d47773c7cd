"""What a browser is asked for by WebAuthn, and what it answers: passkeys that are made, and that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import webauthn
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from apps.accounts.models import Credential, CredentialKind
from apps.accounts.passkeys.challenges import PasskeyRefused, RelyingParty, new_challenge, use_challenge
from apps.core.db.database import now
from project.settings import settings

BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What an answer that is none makes of the library."""
LONGEST_ANSWER = 8192
"""Characters of the browser's JSON."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose passkey it will be, as the device shows it. `handle` is random, or the user's id."""

    handle: UUID
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """As credentials keep it: id and public key in base64url, and the counter of signatures."""

    id: str
    key: str
    counter: int


def options_to_make(party: RelyingParty, purpose: str, about: About, *, known: Sequence[bytes] = ()) -> str:
    """The JSON of PublicKeyCredentialCreationOptions. A device with one of `known` makes none."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=settings.band_name,
        user_id=about.handle.bytes,
        user_name=about.email,
        user_display_name=about.name,
        challenge=new_challenge(purpose),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json(options)


def options_to_show(party: RelyingParty, purpose: str, *, only: str = "") -> str:
    """The JSON of PublicKeyCredentialRequestOptions: whichever passkey of this site the user chooses, or `only` one."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=new_challenge(purpose),
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(only))] if only else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


async def read_new_passkey(session: AsyncSession, party: RelyingParty, purpose: str, answer: str) -> NewPasskey:
    """`answer`: what the browser made of `options_to_make`; good once. Raises PasskeyRefused."""
    made, challenge = read_answer(answer)
    await use_challenge(session, purpose, challenge)
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
    id, key = bytes_to_base64url(verified.credential_id), bytes_to_base64url(verified.credential_public_key)
    return NewPasskey(id, key, verified.sign_count)


async def keep_passkey(session: AsyncSession, user_id: UUID, made: NewPasskey, *, name: str) -> None:
    """Raises PasskeyRefused for one that somebody has already."""
    session.add(
        Credential(
            user_id=user_id,
            kind=CredentialKind.passkey,
            external_id=made.id,
            secret=made.key,
            counter=made.counter,
            name=name.strip(),
            confirmed_at=await now(session),
        )
    )
    try:
        await session.flush()
    except IntegrityError:
        raise PasskeyRefused from None


def counter_of_shown(passkey: NewPasskey, party: RelyingParty, shown: dict[str, Any], challenge: bytes) -> int:
    """Its counter after this signature, of whoever has `passkey`. Raises PasskeyRefused."""
    try:
        verified = webauthn.verify_authentication_response(
            credential=shown,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(passkey.key),
            credential_current_sign_count=passkey.counter,
            require_user_verification=True,
        )
    except BROKEN:
        raise PasskeyRefused from None
    return verified.new_sign_count


def read_answer(answer: str) -> tuple[dict[str, Any], bytes]:
    """What the browser sent, and the challenge that it says to have signed. Raises PasskeyRefused."""
    try:
        made = msgspec.json.decode(answer[:LONGEST_ANSWER], type=dict[str, Any])
        client_data = base64url_to_bytes(made["response"]["clientDataJSON"])
        return made, base64url_to_bytes(msgspec.json.decode(client_data, type=dict[str, Any])["challenge"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise PasskeyRefused from None
