"""A change of how somebody signs in: it stands in the audit log, and its user is told by mail."""

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.jobs import mail_security_notice
from apps.accounts.models import User
from apps.accounts.notices import Notice
from apps.core.audit import record
from apps.core.jobs import enqueue


async def note_change(session: AsyncSession, user: User, action: str, notice: Notice, *, actor: str) -> None:
    record(session, action, user, actor=actor)
    await enqueue(session, mail_security_notice.call(user_id=user.id, notice=notice, key=uuid7()))
    await session.flush()
