"""Signing in with a password, and with a second factor where the user has one, whatever came first."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.devices.known_devices import known_device
from apps.accounts.models import SecondFactorRequest, SessionKind, SignInMethod, SignInResult, User
from apps.accounts.passwords import hashed, is_outdated, is_right
from apps.accounts.repositories import (
    CREDENTIALS,
    IS_PASSWORD,
    KnownPassword,
    UserRepository,
    find_password,
    keep_password,
)
from apps.accounts.second_factor.factors import second_factors, use_code
from apps.accounts.sessions.history import Attempt, record_attempt, record_attempt_as
from apps.accounts.sessions.limits import CODE_TRIES, PASSWORD_TRIES, count_try
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.refusals import BadCredentials, SecondFactorNeeded, SignInOver, WrongCode
from apps.accounts.sessions.sessions import Opened, begin_session
from apps.core.db.database import Database, now
from apps.core.http.rate_limits import Limits, TooManyRequests

PASSWORD = SignInMethod.password
WAITS = timedelta(minutes=10)
"""So long a sign-in waits for its second factor."""
MOST_CODES = 5
"""Wrong ones, of one sign-in."""
log = structlog.get_logger(__name__)


async def sign_in(
    db: Database, limits: Limits, kind: SessionKind, origin: Origin, *, email: str, password: str
) -> Opened:
    """A session of its own. Raises BadCredentials, SecondFactorNeeded, TooManyRequests, Busy."""
    await _count_password(db, limits, kind, origin, email)
    async with _prove(db, kind, origin, email=email, password=password) as (session, user):
        opened = await open_or_ask(session, user, kind, origin, method=PASSWORD)
    if isinstance(opened, SecondFactorNeeded):  # only now, so that what waits is kept
        raise opened
    return opened


async def open_or_ask(
    session: AsyncSession, user: User, kind: SessionKind, origin: Origin, *, method: SignInMethod, provider: str = ""
) -> Opened | SecondFactorNeeded:
    """The session of who has just proved who they are, and is locked; of who has a second factor, what to raise."""
    factors = await second_factors(session, user.id)
    if not factors:
        return await begin_session(session, user, kind, origin, method=method, provider=provider)
    first = Attempt(kind, method, SignInResult.second_factor_asked, origin, provider)
    token = await _ask_for_second_factor(session, user, first)
    return SecondFactorNeeded(second_factor_token=token, factors=[each.value for each in factors])


async def finish_sign_in(
    db: Database, limits: Limits, kind: SessionKind, origin: Origin, *, token: str, code: str
) -> Opened:
    """The session, by a code of the user's app or a recovery code. `token` is of SecondFactorNeeded.

    Raises SignInOver, WrongCode, TooManyRequests.
    """
    async with db.begin() as session:
        user, _request = await _waiting_sign_in(session, kind, token)
    async with db.reads() as reads:
        device = await known_device(reads, origin.device_token, user.email)
    await count_try(limits, CODE_TRIES, email=user.email, by=origin.caller, device=device)
    async with db.begin() as session:
        opened = await _finish(session, kind, origin, token, code)
    if opened is None:  # only now, so that the wrong code counts
        raise WrongCode
    return opened


async def _waiting_sign_in(session: AsyncSession, kind: SessionKind, token: str) -> tuple[User, SecondFactorRequest]:
    """Whose sign-in waits for a second factor, locked, with the request. Raises SignInOver."""
    mine = (SecondFactorRequest.token_hash == _hash(token), SecondFactorRequest.kind == kind)
    user_id = await session.scalar(select(SecondFactorRequest.user_id).where(*mine))
    user = await UserRepository(session=session).lock_one(User.id == user_id, User.disabled_at.is_(None))
    alive = (SecondFactorRequest.expires_at > await now(session), SecondFactorRequest.attempts < MOST_CODES)
    # Only now that nobody else has the user: of two at once the second finds it used, and each wrong code counted.
    request = await session.scalar(select(SecondFactorRequest).where(*mine, *alive))
    if user is None or request is None:
        raise SignInOver
    return user, request


async def _open_waiting(session: AsyncSession, user: User, request: SecondFactorRequest, origin: Origin) -> Opened:
    """The session of who has shown the second factor."""
    await session.delete(request)
    return await begin_session(
        session, user, request.kind, origin, method=request.method, provider=request.provider, has_second_factor=True
    )


async def _finish(session: AsyncSession, kind: SessionKind, origin: Origin, token: str, code: str) -> Opened | None:
    user, request = await _waiting_sign_in(session, kind, token)
    if await use_code(session, user.id, code, at=await now(session)):
        return await _open_waiting(session, user, request, origin)
    request.attempts += 1
    attempt = Attempt(kind, request.method, SignInResult.wrong_second_factor, origin, request.provider)
    await record_attempt(await session.connection(), attempt, user_id=user.id)
    return None


@asynccontextmanager
async def _prove(
    db: Database, kind: SessionKind, origin: Origin, *, email: str, password: str
) -> AsyncIterator[tuple[AsyncSession, User]]:
    """The user whose password it is, locked in a transaction. Raises BadCredentials, for somebody disabled too, Busy.

    No connection is held while the password is hashed.
    """
    async with db.reads() as reads:
        known = await find_password(reads, email)
    if not await is_right(password, known.password_hash if known else None) or known is None:
        await _record_failure(db, kind, origin, email, SignInResult.wrong_password)
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


async def _ask_for_second_factor(session: AsyncSession, user: User, first: Attempt) -> str:
    """The token that goes on. `first`: what was right, for the history."""
    token = secrets.token_urlsafe(32)
    session.add(
        SecondFactorRequest(
            user_id=user.id,
            kind=first.kind,
            method=first.method,
            provider=first.provider,
            token_hash=_hash(token),
            expires_at=await now(session) + WAITS,
        )
    )
    await record_attempt(await session.connection(), first, user_id=user.id)
    return token


async def _count_password(db: Database, limits: Limits, kind: SessionKind, origin: Origin, email: str) -> None:
    """Raises TooManyRequests; the first of a crowd that is refused stands in the history."""
    async with db.reads() as reads:
        device = await known_device(reads, origin.device_token, email)
    try:
        await count_try(limits, PASSWORD_TRIES, email=email, by=origin.caller, device=device)
    except TooManyRequests as refusal:
        if refusal.is_first:
            await _record_failure(db, kind, origin, email, SignInResult.too_many_attempts)
        raise


async def _record_failure(db: Database, kind: SessionKind, origin: Origin, email: str, result: SignInResult) -> None:
    """In a transaction of its own, since what follows is a refusal."""
    async with db.statements() as connection:
        user_id = await record_attempt_as(connection, Attempt(kind, PASSWORD, result, origin), email=email)
    log.info("sign_in.failed", result=result.value, user=str(user_id), address=origin.address, kind=kind.value)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
