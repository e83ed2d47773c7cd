"""Refresh tokens: each works once and brings the session's next one.

One that is shown again was copied, and ends the session, thief's and owner's alike (RFC 9700, 4.14.2). For a moment the
same token brings the same successor, as long as nobody has used that: the answer may have been lost, or two tabs have
asked at once.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.jobs import mail_copied_session
from apps.accounts.models import SessionKind, User
from apps.accounts.repositories import ALIVE, SESSIONS, TOKENS, USERS
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.refusals import BadRefreshToken
from apps.accounts.sessions.sessions import LASTS, end, keep_token, token_hash
from apps.accounts.sessions.tokens import Access, access_token
from apps.core.audit import SYSTEM, record
from apps.core.db.database import Database, now
from apps.core.jobs import enqueue
from apps.core.security.signing import derived_secret

ANSWER_MAY_BE_LOST = timedelta(seconds=30)
"""So long the same token brings the same successor."""
SUCCESSORS = derived_secret("backline.refresh")
API = SessionKind.api
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


async def renew(db: Database, refresh_token: str, origin: Origin) -> Tokens:
    """The next tokens of the session. Raises BadRefreshToken, and only after the end of the session is committed."""
    async with db.begin() as session:
        tokens = await _rotate(session, refresh_token, origin)
    if tokens is None:
        raise BadRefreshToken
    return tokens


async def _rotate(session: AsyncSession, refresh_token: str, origin: Origin) -> Tokens | None:
    shown_hash, successor = token_hash(API, refresh_token), _successor(refresh_token)
    shown = await _lock_owner(session, shown_hash)
    if shown is None:
        return None
    moment = await now(session)
    if (await session.execute(_use(shown_hash))).first():
        await _go_on(session, shown.session_id, successor, origin, at=moment)
    elif not (await session.execute(_just_used(shown_hash, token_hash(API, successor)))).first():
        await _end_copied(session, shown)
        return None
    return Tokens(access_token(shown, at=moment), successor)


async def _go_on(session: AsyncSession, id: UUID, successor: str, origin: Origin, *, at: datetime) -> None:
    expires_at = at + LASTS
    await keep_token(session, id, API, successor, expires_at=expires_at)
    seen = {"kind": API, "seen_at": at, "expires_at": expires_at}
    seen |= {"address": origin.address, "program": origin.program}
    await session.execute(update(SESSIONS).where(SESSIONS.c.id == id).values(seen))


async def _end_copied(session: AsyncSession, shown: Access) -> None:
    """The session of a token that was shown again. Its user is told, unless it had ended before."""
    if not await end(session, SESSIONS.c.id == shown.session_id):
        return
    log.warning("session.token_reused", user=str(shown.user_id), session=str(shown.session_id))
    user = await session.get_one(User, shown.user_id)
    record(session, "accounts.end_copied_session", user, actor=SYSTEM, after={"session": str(shown.session_id)})
    await enqueue(session, mail_copied_session.call(user_id=shown.user_id, session_id=shown.session_id))


async def _lock_owner(session: AsyncSession, shown_hash: bytes) -> Access | None:
    """Whose token it is; None for nobody's, or of somebody disabled."""
    found = select(USERS.c.id, SESSIONS.c.id).join(SESSIONS, SESSIONS.c.user_id == USERS.c.id)
    having = found.join(TOKENS, TOKENS.c.session_id == SESSIONS.c.id).where(TOKENS.c.token_hash == shown_hash)
    able = having.where(USERS.c.disabled_at.is_(None))
    row = (await session.execute(able.with_for_update(key_share=True, of=USERS))).one_or_none()
    return Access(*row) if row else None


def _use(shown_hash: bytes) -> Update:
    """Once: of many at the same time one gets the row."""
    mine = update(TOKENS).where(TOKENS.c.token_hash == shown_hash, TOKENS.c.used_at.is_(None))
    alive = mine.where(TOKENS.c.session_id == SESSIONS.c.id, *ALIVE)
    return alive.values(used_at=func.clock_timestamp()).returning(TOKENS.c.id)


def _just_used(shown_hash: bytes, successor_hash: bytes) -> Select[Any]:
    """By a request whose answer was lost, or by another tab at the same moment: its successor has not been used."""
    successor = TOKENS.alias()
    was_used = (TOKENS.c.token_hash == shown_hash, TOKENS.c.used_at > func.clock_timestamp() - ANSWER_MAY_BE_LOST)
    is_next = (successor.c.token_hash == successor_hash, successor.c.used_at.is_(None))
    found = select(TOKENS.c.id).join(successor, successor.c.session_id == TOKENS.c.session_id)
    return found.join(SESSIONS, SESSIONS.c.id == TOKENS.c.session_id).where(*was_used, *is_next, *ALIVE)


def _successor(refresh_token: str) -> str:
    """Known to who has the token and our secret, so that it can be told again without being kept."""
    return urlsafe_b64encode(hmac.digest(SUCCESSORS, refresh_token.encode(), sha256)).rstrip(b"=").decode()
