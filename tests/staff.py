"""People with an account: made straight in the database, with the headers or the cookie of who is signed in."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from passlib.hash import argon2
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import Role, User, UserRole, UserSession
from apps.accounts.repositories import keep_password
from apps.accounts.sessions.browser import Pages, begin_in_browser
from apps.accounts.sessions.tokens import Access, access_token
from apps.core.db.database import Database

SOME_HASH = argon2.using(type="ID", rounds=1, memory_cost=1024, parallelism=1).hash("seven gulls over the harbour")
"""Quickly made."""


async def signed_in_as(db: Database, *roles: str, email: str | None = None) -> dict[str, str]:
    """A new person with these roles ("manager", "admin", …), and the Authorization header of their session."""
    family = uuid7()
    async with db.begin() as session:
        user = await make_user(session, *roles, email=email)
        kept = datetime.now(UTC) + timedelta(days=1)
        token_hash = sha256(family.bytes).digest()
        session.add(UserSession(user_id=user.id, family=family, token_hash=token_hash, expires_at=kept))
    return {"Authorization": f"Bearer {access_token(Access(user.id, family), at=datetime.now(UTC))}"}


async def in_browser_as(db: Database, *roles: str, email: str) -> str:
    """A new person with these roles, and the back office's cookie of their session."""
    async with db.begin() as session:
        return await begin_in_browser(session, Pages.backoffice, await make_user(session, *roles, email=email))


async def make_user(session: AsyncSession, *roles: str, email: str | None) -> User:
    id = uuid7()
    user = User(id=id, email=email or f"{id}@example.org", name="Staff", locale="en")
    session.add(user)
    await session.flush()
    await keep_password(session, id, SOME_HASH)
    for role in await session.scalars(select(Role.id).where(Role.name.in_(roles))):
        session.add(UserRole(user_id=id, role_id=role))
    return user
