"""Signing in with a browser: a random id in a cookie, of which the database keeps a hash. Each sign-in makes a new one.

A browser's session is a family of its own in `user_session`, so that all that ends sessions ends it, too.
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import User, UserSession
from apps.accounts.repositories import find_by_token
from apps.accounts.sessions.sessions import prove
from apps.core.audit import record
from apps.core.db.database import Database, now


class Pages(StrEnum):
    """Where a session is good for; the cookie of one opens nothing of the other."""

    site = "site"
    backoffice = "browser"


LASTS = {Pages.site: timedelta(days=30), Pages.backoffice: timedelta(hours=12)}
"""Fans stay signed in; staff do so every working day."""


async def open_browser_session(db: Database, pages: Pages, *, email: str, password: str) -> str:
    """What goes into the cookie. Raises BadCredentials, Busy."""
    async with prove(db, email=email, password=password) as (session, user):
        return await begin_in_browser(session, pages, user)


async def begin_in_browser(session: AsyncSession, pages: Pages, user: User) -> str:
    """For somebody who has proved who they are: what goes into the cookie."""
    id = secrets.token_urlsafe(32)
    expires_at = await now(session) + LASTS[pages]
    session.add(UserSession(user_id=user.id, family=uuid7(), token_hash=_hash(pages, id), expires_at=expires_at))
    record(session, "accounts.sign_in", user, actor=user.actor, after={"with": pages.value})
    return id


async def find_in_browser(reads: AsyncConnection, pages: Pages, cookie: str) -> CurrentUser | None:
    """Whose cookie it is, and what they may do at this moment: one query."""
    return await find_by_token(reads, _hash(pages, cookie))


def _hash(pages: Pages, cookie: str) -> bytes:
    """Other than a refresh token's, so that neither works in the place of the other."""
    return blake2b(cookie.encode(), digest_size=32, person=pages.value.encode()).digest()
