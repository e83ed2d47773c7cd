"""Revoking API keys: they open nothing from that moment on."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import ApiKey
from apps.core.audit import record
from apps.core.db.database import now
from apps.core.db.repositories import LockingRepository
from apps.core.errors import NotFound


class ApiKeyRepository(LockingRepository[ApiKey]):
    model_type = ApiKey


async def revoke_key(session: AsyncSession, key: ApiKey, *, actor: str) -> None:
    """`key` is locked. A second time changes nothing."""
    if key.revoked_at is None:
        key.revoked_at = await now(session)
        record(session, "accounts.revoke_api_key", key, actor=actor, after={"prefix": key.prefix})
        await session.flush()


async def revoke_own_key(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """Raises NotFound for what is not theirs."""
    key = await ApiKeyRepository(session=session).find_locked(id)
    if key.user_id != current_user.id:
        raise NotFound
    await revoke_key(session, key, actor=current_user.actor)


async def revoke_keys_of(session: AsyncSession, user_id: UUID, *, actor: str) -> None:
    """All that this user has; the user is locked, so that there are no more meanwhile."""
    theirs = select(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).order_by(ApiKey.id)
    for key in (await session.scalars(theirs.with_for_update(key_share=True))).all():
        await revoke_key(session, key, actor=actor)
