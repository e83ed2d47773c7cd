"""Signing in and out: an access token for minutes, and a refresh token for weeks that is exchanged for the next one.

Refresh tokens are random and kept as hashes. Each works once; one that is shown again was copied, and ends its family,
thief's and owner's alike (RFC 9700, 4.14.2). For a moment the same token brings the same successor, as long as nobody
has used that: the answer may have been lost, or two tabs have asked at once. Who makes or ends sessions locks the
user's row first.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser
from apps.accounts.jobs import mail_copied_session
from apps.accounts.models import User, UserSession
from apps.accounts.passwords import hashed, is_outdated, is_right
from apps.accounts.repositories import (
    ALIVE,
    CREDENTIALS,
    IS_PASSWORD,
    SESSIONS,
    KnownPassword,
    UserRepository,
    find_password,
    keep_password,
)
from apps.accounts.sessions.tokens import Access, access_token
from apps.core.audit import SYSTEM, record
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.security.signing import derived_secret
from apps.core.text.i18n import lazy as _

KEPT = timedelta(days=30)
ANSWER_MAY_BE_LOST = timedelta(seconds=30)
"""So long the same token brings the same successor."""
SUCCESSORS = derived_secret("backline.refresh")
log = structlog.get_logger(__name__)


class GrantRefused(AppError):
    """Refused in a way that OAuth clients understand: `error` is its name in RFC 6749, 5.2."""

    error: ClassVar[str] = "invalid_grant"

    def __init__(self) -> None:
        super().__init__(error=self.error)


class BadCredentials(GrantRefused):
    type = "bad-credentials"
    message = _("The email address or the password is not right.")


class BadRefreshToken(GrantRefused):
    type = "bad-refresh-token"
    message = _("This session is over. Please sign in again.")


class UnknownGrant(GrantRefused):
    error = "unsupported_grant_type"
    type = "unknown-grant"
    message = _("“grant_type” is “password” or “refresh_token”.")


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


async def sign_in(db: Database, *, email: str, password: str) -> Tokens:
    """A session of its own. Raises BadCredentials, Busy."""
    async with prove(db, email=email, password=password) as (session, user):
        return await _begin(session, user.id, family=uuid7(), refresh_token=secrets.token_urlsafe(32))


@asynccontextmanager
async def prove(db: Database, *, email: str, password: str) -> AsyncIterator[tuple[AsyncSession, User]]:
    """The user whose password it is, locked in a transaction. Raises BadCredentials, for somebody disabled too, Busy.

    No connection is held while the password is hashed.
    """
    async with db.reads() as reads:
        known = await find_password(reads, email)
    if not await is_right(password, known.password_hash if known else None) or known is None:
        raise BadCredentials
    better_hash = await hashed(password) if is_outdated(known.password_hash) else None
    async with db.begin() as session:
        user = await lock_unchanged(session, known)
        if user is None:
            raise BadCredentials
        if better_hash:
            await keep_password(session, user.id, better_hash)
        yield session, user


async def lock_unchanged(session: AsyncSession, known: KnownPassword) -> User | None:
    """The user, if since `known` was read they got no other password and were not disabled."""
    user = await UserRepository(session=session).lock_one(User.id == known.user_id, User.disabled_at.is_(None))
    same = select(CREDENTIALS.c.id).where(
        CREDENTIALS.c.user_id == known.user_id, IS_PASSWORD, CREDENTIALS.c.secret == known.password_hash
    )
    return user if (await session.execute(same)).first() else None


async def renew(db: Database, refresh_token: str) -> Tokens:
    """The next tokens of the family. Raises BadRefreshToken, and only after the end of the family is committed."""
    async with db.begin() as session:
        tokens = await _rotate(session, refresh_token)
    if tokens is None:
        raise BadRefreshToken
    return tokens


async def _rotate(session: AsyncSession, refresh_token: str) -> Tokens | None:
    token_hash, successor = _hash(refresh_token), _successor(refresh_token)
    shown = await _lock_owner(session, token_hash)
    if shown is None:
        return None
    if (await session.execute(_use(token_hash))).first():
        return await _begin(session, shown.user_id, family=shown.family, refresh_token=successor)
    if (await session.execute(_just_used(token_hash, _hash(successor)))).first():
        return Tokens(access_token(shown, at=await now(session)), successor)
    await _end_copied(session, shown)
    return None


async def _end_copied(session: AsyncSession, shown: Access) -> None:
    """The session of a token that was shown again. Its user is told, unless it had ended before."""
    if not await _end(session, SESSIONS.c.family == shown.family):
        return
    log.warning("session.token_reused", user=str(shown.user_id), family=str(shown.family))
    user = await session.get_one(User, shown.user_id)
    record(session, "accounts.end_copied_session", user, actor=SYSTEM, after={"session": str(shown.family)})
    await enqueue(session, mail_copied_session.call(user_id=shown.user_id, family=shown.family))


async def _lock_owner(session: AsyncSession, token_hash: bytes) -> Access | None:
    """Whose token it is; None for nobody's, or of somebody disabled."""
    found = (
        select(UserSession.user_id, UserSession.family)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.token_hash == token_hash, User.disabled_at.is_(None))
    )
    row = (await session.execute(found.with_for_update(key_share=True, of=User))).one_or_none()
    return Access(*row) if row else None


def _use(token_hash: bytes) -> Update:
    """Once: of many at the same time one gets the row."""
    mine = update(SESSIONS).where(SESSIONS.c.token_hash == token_hash, *ALIVE)
    return mine.values(used_at=func.clock_timestamp()).returning(SESSIONS.c.id)


def _just_used(token_hash: bytes, successor_hash: bytes) -> Select[Any]:
    """By a request whose answer was lost, or by another tab at the same moment: its successor has not been used."""
    successor = SESSIONS.alias()
    was_used = (SESSIONS.c.token_hash == token_hash, SESSIONS.c.used_at > func.clock_timestamp() - ANSWER_MAY_BE_LOST)
    alive = (
        successor.c.token_hash == successor_hash,
        successor.c.used_at.is_(None),
        successor.c.revoked_at.is_(None),
        successor.c.expires_at > func.clock_timestamp(),
    )
    return select(SESSIONS.c.id).join(successor, successor.c.family == SESSIONS.c.family).where(*was_used, *alive)


async def _begin(session: AsyncSession, user_id: UUID, *, family: UUID, refresh_token: str) -> Tokens:
    moment = await now(session)
    session.add(UserSession(user_id=user_id, family=family, token_hash=_hash(refresh_token), expires_at=moment + KEPT))
    await session.flush()
    return Tokens(access_token(Access(user_id, family), at=moment), refresh_token)


async def end_session(session: AsyncSession, current_user: CurrentUser) -> None:
    """This one of the person's; its access tokens are dead at once."""
    await UserRepository(session=session).find_locked(current_user.id)
    await _end(session, SESSIONS.c.family == current_user.family)


async def end_other_sessions(session: AsyncSession, current_user: CurrentUser) -> None:
    await UserRepository(session=session).find_locked(current_user.id)
    await _end(session, SESSIONS.c.user_id == current_user.id, SESSIONS.c.family != current_user.family)


async def end_sessions(session: AsyncSession, user_id: UUID) -> None:
    """All that somebody has, everywhere."""
    await UserRepository(session=session).find_locked(user_id)
    await _end(session, SESSIONS.c.user_id == user_id)


async def _end(session: AsyncSession, *which: ColumnElement[bool]) -> bool:
    """Whether any was alive."""
    alive = update(SESSIONS).where(*which, SESSIONS.c.used_at.is_(None), SESSIONS.c.revoked_at.is_(None))
    ended = await session.execute(alive.values(revoked_at=func.clock_timestamp()).returning(SESSIONS.c.id))
    return ended.first() is not None


def _successor(refresh_token: str) -> str:
    """Known to who has the token and our secret, so that it can be told again without being kept."""
    return urlsafe_b64encode(hmac.digest(SUCCESSORS, refresh_token.encode(), sha256)).rstrip(b"=").decode()


def _hash(refresh_token: str) -> bytes:
    return sha256(refresh_token.encode()).digest()
