"""Devices on which a user has signed in before: an attack from elsewhere does not keep the user out there.

A device keeps a token that is signed for one address. Guesses with it count for that device alone (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies"), so a stolen one helps as little as any other place.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from litestar.datastructures import Cookie
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.accounts.models import EndedDevice
from apps.core.http.cookies import cookie
from apps.core.security.signing import NONCE_BYTES, sign, unsign

DEVICE = "device"
REMEMBERED = timedelta(days=365)


def new_device_token(email: str) -> str:
    """For a device on which its user has just signed in for the first time."""
    return sign(DEVICE, _id(email), secrets.token_bytes(NONCE_BYTES))


def device_of(token: str, email: str) -> str | None:
    """What names the device; None for a token that is not ours, or another user's."""
    signed = unsign(DEVICE, token)
    return signed.nonce.hex() if signed and signed.id == _id(email) else None


async def known_device(reads: AsyncConnection, token: str, email: str) -> str | None:
    """The same, unless the user has said that a sign-in there was not theirs."""
    device = device_of(token, email)
    if device is None or await _has_ended(reads, device):
        return None
    return device


async def _has_ended(reads: AsyncConnection, device: str) -> bool:
    found = select(EndedDevice.device).where(EndedDevice.device == device)
    return (await reads.execute(found)).first() is not None


async def end_device(session: AsyncSession, device: str) -> None:
    """It is as unknown as any other from now on."""
    await session.execute(insert(EndedDevice).values(device=device).on_conflict_do_nothing())


def device_cookie(token: str) -> Cookie:
    """Of the site and the back office alike."""
    return cookie(DEVICE, token, kept=REMEMBERED)


def _id(email: str) -> UUID:
    return UUID(bytes=sha256(email.encode()).digest()[:16])
