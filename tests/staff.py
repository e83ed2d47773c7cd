"""People with an account: made straight in the database, with the headers of who is signed in."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from passlib.hash import argon2
from sqlalchemy import select
from uuid_utils.compat import uuid7

from apps.accounts.models import Role, User, UserRole, UserSession
from apps.accounts.tokens import Access, access_token
from apps.core.db import Database

SOME_HASH = argon2.using(type="ID", rounds=1, memory_cost=1024, parallelism=1).hash("seven gulls over the harbour")
"""Quickly made."""


async def signed_in_as(db: Database, *roles: str, email: str | None = None) -> dict[str, str]:
    """A new person with these roles ("manager", "admin", …), and the Authorization header of their session."""
    user_id, family = uuid7(), uuid7()
    async with db.begin() as session:
        email = email or f"{user_id}@example.org"
        session.add(User(id=user_id, email=email, name="Staff", locale="en", password_hash=SOME_HASH))
        await session.flush()
        for role in await session.scalars(select(Role.id).where(Role.name.in_(roles))):
            session.add(UserRole(user_id=user_id, role_id=role))
        kept = datetime.now(UTC) + timedelta(days=1)
        token_hash = sha256(family.bytes).digest()
        session.add(UserSession(user_id=user_id, family=family, token_hash=token_hash, expires_at=kept))
    return {"Authorization": f"Bearer {access_token(Access(user_id, family), at=datetime.now(UTC))}"}
