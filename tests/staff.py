"""People with an account: made straight in the database, with the headers or the cookie of who is signed in."""

from passlib.hash import argon2
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import Role, SessionKind, SignInMethod, User, UserRole
from apps.accounts.repositories import keep_password
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.sessions import Opened, begin_session
from apps.accounts.sessions.tokens import Access, access_token
from apps.core.db.database import Database

SOME_HASH = argon2.using(type="ID", rounds=1, memory_cost=1024, parallelism=1).hash("seven gulls over the harbour")
"""Quickly made."""


async def signed_in_as(db: Database, *roles: str, email: str | None = None) -> dict[str, str]:
    """A new person with these roles ("manager", "admin", …), and the Authorization header of their session."""
    opened = await _opened(db, SessionKind.api, *roles, email=email)
    return {"Authorization": f"Bearer {access_token(Access(opened.user_id, opened.session_id), at=opened.at)}"}


async def in_browser_as(db: Database, *roles: str, email: str) -> str:
    """A new person with these roles, and the cookie of their session."""
    return (await _opened(db, SessionKind.browser, *roles, email=email)).token


async def _opened(db: Database, kind: SessionKind, *roles: str, email: str | None) -> Opened:
    origin = Origin("tests", address="127.0.0.1", program="Tests")
    async with db.begin() as session:
        user = await make_user(session, *roles, email=email)
        return await begin_session(session, user, kind, origin, method=SignInMethod.password)


async def make_user(session: AsyncSession, *roles: str, email: str | None) -> User:
    id = uuid7()
    user = User(id=id, email=email or f"{id}@example.org", name="Staff", locale="en")
    session.add(user)
    await session.flush()
    await keep_password(session, id, SOME_HASH)
    for role in await session.scalars(select(Role.id).where(Role.name.in_(roles))):
        session.add(UserRole(user_id=id, role_id=role))
    return user
