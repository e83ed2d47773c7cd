"""What is signed and sent out without being kept, and is good for one answer: what was answered is kept."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import UsedChallenge
from apps.core.db.database import now


async def use_once(session: AsyncSession, id: UUID, *, lasts: timedelta) -> bool:
    """Whether what this UUIDv7 names is new enough, and is used for the first time."""
    if _made_at(id) < await now(session) - lasts:
        return False
    used = insert(UsedChallenge).values(id=id).on_conflict_do_nothing().returning(UsedChallenge.id)
    return (await session.execute(used)).first() is not None


def _made_at(id: UUID) -> datetime:
    """UUIDv7 begins with its milliseconds."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)
