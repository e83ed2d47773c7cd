"""Entitlements are granted and ended; what users have counts on their very next request."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import Entitlement, User
from apps.accounts.repositories import ENTITLEMENTS, IS_ENTITLED
from apps.accounts.sessions.cache import forget_cached
from apps.core.audit import record
from apps.core.db.bulk import among
from apps.core.db.database import now
from apps.core.db.repositories import LockingRepository
from apps.core.errors import AppError, FieldError, Invalid, NotFound
from apps.core.text.i18n import lazy as _

BY_STAFF = "staff"
"""The source of what staff grant by hand."""
MOST = 50
"""Of one user, by hand."""


class TooManyEntitlements(AppError):
    status = 409
    type = "too-many-entitlements"
    message = _("A user can have {limit} entitlements at most.")


class EndsInThePast(Invalid):
    type = "ends-in-the-past"
    message = _("Must be in the future.")


class EntitlementRepository(LockingRepository[Entitlement]):
    model_type = Entitlement


async def entitlements_of(connection: AsyncConnection, users: Collection[UUID]) -> Mapping[UUID, frozenset[str]]:
    """The keys that each has at this moment; users who have none are left out."""
    if not users:
        return {}
    found = select(ENTITLEMENTS.c.user_id, ENTITLEMENTS.c.key).where(among(ENTITLEMENTS.c.user_id, users), IS_ENTITLED)
    keys: dict[UUID, set[str]] = defaultdict(set)
    for user_id, key in await connection.execute(found):
        keys[user_id].add(key)
    return {user_id: frozenset(each) for user_id, each in keys.items()}


async def grant(
    session: AsyncSession, user: User, key: str, *, ends_at: datetime | None, actor: str, source: str = BY_STAFF
) -> Entitlement:
    """The user is locked. One of this source that they have, or had, ends then instead.

    Raises EndsInThePast, TooManyEntitlements.
    """
    if ends_at is not None and ends_at <= await now(session):
        raise EndsInThePast(errors=[FieldError("ends_at", EndsInThePast.message)])
    theirs = await _of_user(session, user.id, source)
    entitlement = theirs.get(key)
    if entitlement is None and len(theirs) >= MOST:
        raise TooManyEntitlements(limit=MOST)
    before = {"ends_at": entitlement.ends_at} if entitlement else {}
    if entitlement is None:
        entitlement = Entitlement(id=uuid7(), user_id=user.id, key=key, source=source)
        session.add(entitlement)
    entitlement.ends_at = ends_at
    after = {"user": user.id, "key": key, "source": source, "ends_at": ends_at}
    _record(session, "accounts.grant_entitlement", entitlement, before, after, actor)
    await _flush(session)
    return entitlement


async def end_of_user(session: AsyncSession, user: User, key: str, *, actor: str, source: str = BY_STAFF) -> None:
    """The user is locked. Raises NotFound where there is none."""
    entitlement = (await _of_user(session, user.id, source)).get(key)
    if entitlement is None:
        raise NotFound
    await end(session, entitlement, actor=actor)


async def end(session: AsyncSession, entitlement: Entitlement, *, actor: str) -> None:
    """At this moment. A second time changes nothing."""
    moment = await now(session)
    if entitlement.ends_at is None or entitlement.ends_at > moment:
        before, entitlement.ends_at = {"ends_at": entitlement.ends_at}, moment
        _record(session, "accounts.end_entitlement", entitlement, before, {"ends_at": moment}, actor)
        await _flush(session)


async def _of_user(session: AsyncSession, user_id: UUID, source: str) -> dict[str, Entitlement]:
    found = select(Entitlement).where(Entitlement.user_id == user_id, Entitlement.source == source)
    return {each.key: each for each in await session.scalars(found)}


def _record(
    session: AsyncSession,
    action: str,
    entitlement: Entitlement,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor: str,
) -> None:
    told = [msgspec.to_builtins(each) for each in (before, after)]
    record(session, action, entitlement, actor=actor, before=told[0], after=told[1])


async def _flush(session: AsyncSession) -> None:
    await session.flush()
    forget_cached(session)
