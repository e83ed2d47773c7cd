"""Which second factors a user has, and whether a code is one of theirs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import CredentialKind
from apps.accounts.repositories import CREDENTIALS
from apps.accounts.second_factor.recovery_codes import use_recovery_code
from apps.accounts.second_factor.totp import use_totp

TOTP, PASSKEY, RECOVERY_CODE = CredentialKind.totp, CredentialKind.passkey, CredentialKind.recovery_code
DIGITS = 6


async def second_factors(session: AsyncSession, user_id: UUID) -> Sequence[CredentialKind]:
    """Those that work, each kind once. Recovery codes alone are none."""
    kind = CREDENTIALS.c.kind
    works = or_(kind == PASSKEY, (kind == TOTP) & CREDENTIALS.c.confirmed_at.is_not(None), kind == RECOVERY_CODE)
    found = await session.scalars(select(kind).where(CREDENTIALS.c.user_id == user_id, works).distinct())
    kinds = sorted(found)
    return kinds if TOTP in kinds or PASSKEY in kinds else []


async def use_code(session: AsyncSession, user_id: UUID, code: str, *, at: datetime) -> bool:
    """A code of the app, or a recovery code: it is used up. False when it is neither."""
    plain = "".join(code.split())
    if len(plain) == DIGITS and plain.isdecimal() and plain.isascii():
        return await use_totp(session, user_id, plain, at=at)
    return await use_recovery_code(session, user_id, plain)
