"""Sessions: begun for who has proved who they are, opened by a token, ended one by one or all at once.

Tokens are random and kept as hashes. Who begins or ends sessions locks the user's row first. Those of pages go from
request to request in a cookie; programs have a refresh token (`refreshing.py`) and access tokens made with it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Insert, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser, refuse_impersonator
from apps.accounts.devices.known_devices import device_of, known_device, new_device_token
from apps.accounts.jobs import mail_new_device
from apps.accounts.models import (
    SecondFactorRequest,
    SessionKind,
    SignInMethod,
    SignInResult,
    User,
)
from apps.accounts.repositories import SESSIONS, TOKENS, UserRepository
from apps.accounts.sessions.cache import forget_cached
from apps.accounts.sessions.history import SIGN_INS, Attempt, note_attempt
from apps.accounts.sessions.origin import Origin
from apps.core.jobs import enqueue

LASTS = timedelta(days=30)
"""A program's lasts so long from the last refresh."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: `token` opens it; the device keeps `device_token` beyond it."""

    user_id: UUID
    session_id: UUID
    token: str
    device_token: str
    at: datetime


async def begin_session(
    session: AsyncSession,
    user: User,
    kind: SessionKind,
    origin: Origin,
    *,
    method: SignInMethod,
    provider: str = "",
    has_second_factor: bool = False,
    impersonator_id: UUID | None = None,
    lasts: timedelta = LASTS,
) -> Opened:
    """For somebody who has just proved who they are, and is locked. Tells them of a device that is new."""
    id, token, device_token = uuid7(), secrets.token_urlsafe(32), await _device_token(session, user, origin)
    is_known = device_token == origin.device_token
    attempt = Attempt(kind, method, SignInResult.signed_in, origin, provider, session_id=id)
    begun = {
        "id": id,
        "user_id": user.id,
        "kind": kind,
        "program": origin.program,
        "address": origin.address,
        "device": None if impersonator_id else device_of(device_token, user.email),
        "impersonator_id": impersonator_id,
        "has_second_factor": has_second_factor,
    }
    if impersonator_id is None:
        await _end_replaced(session, user.id, kind, origin)
    noted = note_attempt(attempt, user_id=user.id, may_be_new=not is_known and impersonator_id is None)
    moment, is_new_device = await _keep(session, begun, noted, token_hash(kind, token), lasts)
    if is_new_device:
        await enqueue(session, mail_new_device.call(session_id=id))
    return Opened(user.id, id, token, device_token, moment)


async def _device_token(session: AsyncSession, user: User, origin: Origin) -> str:
    """That of the device, if the user is known there; else a new one."""
    if await known_device(await session.connection(), origin.device_token, user.email):
        return origin.device_token
    return new_device_token(user.email)


async def _keep(
    session: AsyncSession, begun: Mapping[str, Any], noted: Insert, token_hash: bytes, lasts: timedelta
) -> tuple[datetime, bool]:
    """The session, what opens it and the line of the history, in one statement; its moment, and whether the device is
    new."""
    moment = func.statement_timestamp()
    opened = insert(SESSIONS).values(**begun, proved_at=moment, seen_at=moment, expires_at=moment + lasts)
    token = {"id": uuid7(), "session_id": begun["id"], "token_hash": token_hash, "expires_at": moment + lasts}
    kept = insert(TOKENS).values(token).cte("kept")
    all_three = noted.add_cte(opened.cte("opened"), kept).returning(moment, SIGN_INS.c.is_new_device)
    row = (await session.execute(all_three)).one()
    return row[0], row[1]


async def _end_replaced(session: AsyncSession, user_id: UUID, kind: SessionKind, origin: Origin) -> None:
    """The session that the browser had, if it was the same user's: another's row is not locked here."""
    if not origin.session_token:
        return
    hashed = token_hash(kind, origin.session_token)
    replaced = select(TOKENS.c.session_id).where(TOKENS.c.token_hash == hashed)
    await end(session, SESSIONS.c.user_id == user_id, SESSIONS.c.id.in_(replaced))


async def keep_token(session: AsyncSession, id: UUID, kind: SessionKind, token: str, *, expires_at: datetime) -> None:
    """What opens session `id` from now on, too."""
    values = {"id": uuid7(), "session_id": id, "token_hash": token_hash(kind, token), "expires_at": expires_at}
    await session.execute(insert(TOKENS).values(values))


async def end_session(session: AsyncSession, current_user: CurrentUser) -> None:
    """This one of the user's; its access tokens are dead at once."""
    await UserRepository(session=session).find_locked(current_user.id)
    await end(session, SESSIONS.c.id == current_user.session_id)


async def end_one_session(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """One of the user's own; nothing where it is none, or over. Raises NotAsSomebodyElse."""
    refuse_impersonator(current_user)
    await UserRepository(session=session).find_locked(current_user.id)
    await end(session, SESSIONS.c.id == id, SESSIONS.c.user_id == current_user.id)


async def end_other_sessions(session: AsyncSession, current_user: CurrentUser) -> None:
    """Raises NotAsSomebodyElse."""
    refuse_impersonator(current_user)
    await UserRepository(session=session).find_locked(current_user.id)
    await end(session, _begun_by(current_user.id), SESSIONS.c.id != current_user.session_id)


async def end_sessions(session: AsyncSession, user_id: UUID) -> None:
    """All that somebody has, everywhere, those as somebody else, too, and what waits to become one."""
    await UserRepository(session=session).find_locked(user_id)
    await end(session, _begun_by(user_id))
    await session.execute(delete(SecondFactorRequest).where(SecondFactorRequest.user_id == user_id))


def _begun_by(user_id: UUID) -> ColumnElement[bool]:
    """As themselves, or as somebody else."""
    return (SESSIONS.c.user_id == user_id) | (SESSIONS.c.impersonator_id == user_id)


async def end(session: AsyncSession, *which: ColumnElement[bool]) -> bool:
    """Whether any was alive."""
    forget_cached(session)
    alive = update(SESSIONS).where(*which, SESSIONS.c.ended_at.is_(None))
    ended = await session.execute(alive.values(ended_at=func.clock_timestamp()).returning(SESSIONS.c.id))
    return ended.first() is not None


def token_hash(kind: SessionKind, token: str) -> bytes:
    """One for each kind, so that a token of one does not work in the place of another's."""
    if kind is SessionKind.api:
        return sha256(token.encode()).digest()
    return blake2b(token.encode(), digest_size=32, person=b"site").digest()
