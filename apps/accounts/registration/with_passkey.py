"""Registering with a passkey in the place of a password.

The rule is the same: a link is mailed, and the account is made by who follows it and shows the passkey that was made.
Whoever registers somebody else's address has a passkey of their own, but no link.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.links.tokens import hash_of
from apps.accounts.models import Registration, User
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
from apps.accounts.passkeys.challenges import PasskeyRefused, RelyingParty, use_challenge
from apps.accounts.registration.registration import lock_registration, mail_link, open_account
from apps.accounts.second_factor.recovery_codes import new_recovery_codes
from apps.accounts.sessions.limits import REGISTRATION_MAILS, count_mail
from apps.core.db.database import Database
from apps.core.http.rate_limits import Limits

REGISTRATIONS = Registration.table()


class OpenedAccount(NamedTuple):
    """In the transaction that opens it. `recovery_codes` are shown once."""

    session: AsyncSession
    user: User
    recovery_codes: Sequence[str]


def options_to_register(party: RelyingParty, *, email: str, name: str) -> str:
    """The JSON of PublicKeyCredentialCreationOptions, for an account with this address."""
    return options_to_make(party, _making(email), About(uuid7(), email, name or email))


async def register_with_passkey(
    session: AsyncSession,
    limits: Limits,
    party: RelyingParty,
    *,
    email: str,
    name: str,
    locale: str,
    by: str,
    answer: str,
    device: str,
) -> None:
    """`answer`: what the browser made of `options_to_register`; `device`: what its user calls it.

    It does the same for an address that has an account. Raises PasskeyRefused, TooManyRequests.
    """
    made = await read_new_passkey(session, party, _making(email), answer)
    await count_mail(limits, REGISTRATION_MAILS, email=email.lower(), by=by)
    registration = Registration(email=email, name=name, locale=locale, passkey_id=made.id, passkey_key=made.key)
    registration.passkey_counter, registration.passkey_name = made.counter, device.strip()
    await mail_link(session, registration)


async def options_to_confirm(reads: AsyncConnection, party: RelyingParty, token: str) -> str:
    """The JSON of PublicKeyCredentialRequestOptions; empty for a link of who has chosen a password, or of nobody."""
    mine = select(REGISTRATIONS.c.id, REGISTRATIONS.c.passkey_id).where(REGISTRATIONS.c.token_hash == hash_of(token))
    row = (await reads.execute(mine)).one_or_none()
    return options_to_show(party, _showing(row.id), only=row.passkey_id) if row and row.passkey_id else ""


@asynccontextmanager
async def confirming_with_passkey(
    db: Database, party: RelyingParty, token: str, *, answer: str
) -> AsyncIterator[OpenedAccount]:
    """`answer`: what the browser made of `options_to_confirm`. Raises LinkOver, PasskeyRefused."""
    async with db.begin() as session:
        registration = await lock_registration(session, token)
        made = await _shown(session, party, registration, answer)
        name = registration.passkey_name
        user = await open_account(session, registration)
        await keep_passkey(session, user.id, made, name=name)
        yield OpenedAccount(session, user, await new_recovery_codes(session, user.id))


async def _shown(session: AsyncSession, party: RelyingParty, registration: Registration, answer: str) -> NewPasskey:
    """The passkey that the account was asked for with."""
    if not registration.passkey_id or not registration.passkey_key:
        raise PasskeyRefused
    shown, challenge = read_answer(answer)
    await use_challenge(session, _showing(registration.id), challenge)
    made = NewPasskey(registration.passkey_id, registration.passkey_key, registration.passkey_counter)
    return NewPasskey(made.id, made.key, counter_of_shown(made, party, shown, challenge))


def _making(email: str) -> str:
    """Challenges of one address are good for no other."""
    return f"register with a passkey {email.lower()}"


def _showing(registration_id: UUID) -> str:
    return f"confirm with a passkey {registration_id.hex}"
