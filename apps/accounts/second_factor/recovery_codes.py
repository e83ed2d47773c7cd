"""Recovery codes, for who has lost the phone: ten, each good once, 120 bits, kept as SHA-256."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import CredentialKind
from apps.accounts.repositories import CREDENTIALS

HOW_MANY = 10
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""None that looks like another."""
LENGTH, GROUP = 24, 4
KIND = CredentialKind.recovery_code


async def new_recovery_codes(session: AsyncSession, user_id: UUID) -> Sequence[str]:
    """To be shown once; those of before work no more."""
    await end_recovery_codes(session, user_id)
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    rows = [{"id": uuid7(), "user_id": user_id, "kind": KIND, "secret": _hash(code)} for code in codes]
    await session.execute(insert(CREDENTIALS).values(rows))
    return ["-".join(code[n : n + GROUP] for n in range(0, LENGTH, GROUP)) for code in codes]


async def use_recovery_code(session: AsyncSession, user_id: UUID, code: str) -> bool:
    """Whether it was one of the user's; it is gone."""
    used = delete(CREDENTIALS).where(*_of(user_id), CREDENTIALS.c.secret == _hash(code))
    return (await session.execute(used.returning(CREDENTIALS.c.id))).first() is not None


async def end_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(CREDENTIALS).where(*_of(user_id)))


async def count_recovery_codes(reads: AsyncConnection, user_id: UUID) -> int:
    """How many are left."""
    return int((await reads.execute(select(func.count()).select_from(CREDENTIALS).where(*_of(user_id)))).scalar_one())


def _of(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind == KIND


def _hash(code: str) -> str:
    plain = "".join(each for each in code.lower() if each.isalnum())
    return sha256(plain.encode()).hexdigest()
