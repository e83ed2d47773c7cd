"""Codes of an authenticator app (TOTP, RFC 6238): six digits, 30 seconds, each accepted once."""

from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import CredentialKind
from apps.accounts.repositories import CREDENTIALS
from apps.core.security.encryption import Unreadable, decrypt, encrypt
from project.settings import settings

PURPOSE = "backline.totp"
STEP = 30
CLOCKS_DIFFER = (0, -1, 1)
"""Steps by which the phone's clock may be wrong."""


def new_secret() -> str:
    """160 bits, as RFC 4226 recommends, in base32."""
    return pyotp.random_base32()


def encrypted_secret(secret: str) -> str:
    return encrypt(PURPOSE, secret)


def provisioning_url(secret: str, *, email: str) -> str:
    """What the QR code says: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=settings.band_name)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The time step that the code is of; None for one that is not right now."""
    totp, today = pyotp.TOTP(secret, interval=STEP), int(at.timestamp()) // STEP
    near = (today + each for each in CLOCKS_DIFFER)
    return next((step for step in near if pyotp.utils.strings_equal(totp.generate_otp(step), code)), None)


async def use_totp(session: AsyncSession, user_id: UUID, code: str, *, at: datetime) -> bool:
    """Whether it is a right code that has not been used; of two at once one is."""
    mine = (CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind == CredentialKind.totp)
    found = select(CREDENTIALS.c.id, CREDENTIALS.c.secret).where(*mine, CREDENTIALS.c.confirmed_at.is_not(None))
    row = (await session.execute(found)).one_or_none()
    if row is None:
        return False
    try:
        step = step_of(decrypt(PURPOSE, row.secret), code, at=at)
    except Unreadable:
        return False
    if step is None:
        return False
    later = update(CREDENTIALS).where(CREDENTIALS.c.id == row.id, CREDENTIALS.c.counter < step)
    used = await session.execute(later.values(counter=step, used_at=at).returning(CREDENTIALS.c.id))
    return used.first() is not None
