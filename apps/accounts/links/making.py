"""Links to set a password with, as rows."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.links.tokens import hash_of, token_of
from apps.accounts.models import LinkPurpose, PasswordLink
from apps.core.db.database import now

LASTS = {LinkPurpose.invitation: timedelta(days=7), LinkPurpose.reset: timedelta(hours=1)}


async def make_password_link(session: AsyncSession, user_id: UUID, purpose: LinkPurpose) -> UUID:
    """Its id; those that were made before work no more. A reset, for which anybody may ask, ends no invitation."""
    await end_password_links(session, user_id, *([LinkPurpose.reset] if purpose is LinkPurpose.reset else LinkPurpose))
    id = uuid7()
    token_hash, expires_at = hash_of(token_of(id)), await now(session) + LASTS[purpose]
    session.add(PasswordLink(id=id, user_id=user_id, purpose=purpose, token_hash=token_hash, expires_at=expires_at))
    await session.flush()
    return id


async def end_password_links(session: AsyncSession, user_id: UUID, *purposes: LinkPurpose) -> None:
    """All, or those of these purposes."""
    which = PasswordLink.purpose.in_(purposes or LinkPurpose)
    await session.execute(delete(PasswordLink).where(PasswordLink.user_id == user_id, which))
