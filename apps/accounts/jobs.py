"""What the clock does to sessions."""

from sqlalchemy import delete, func

from apps.accounts.models import UserSession
from apps.core.db import Database
from apps.core.jobs import job


@job("accounts.forget_sessions", every="41 * * * *")
async def forget_sessions(db: Database) -> None:
    """Used tokens are kept until they expire: shown again, they end their family."""
    async with db.transaction() as connection:
        await connection.execute(delete(UserSession).where(UserSession.expires_at < func.now()))
