"""The demo's staff. Their password is known to everybody, so they exist in the demo's own database and nowhere else."""

from sqlalchemy import select

from apps.accounts.models import User
from apps.accounts.passwords import hashed
from apps.accounts.repositories import find_roles
from apps.accounts.services import create_user
from apps.core.db.database import Database
from project.settings import Settings, settings

ROLES = {"admin@example.org": "admin", "manager@example.org": "manager", "door@example.org": "door"}
PASSWORD = "take the slow ferry"  # noqa: S105
SIGN_IN = f"""
The back office ({settings.base_url}/admin) and the staff's API ({settings.base_url}/docs)
are open to {", ".join(ROLES)}
with the password: {PASSWORD}
"""


async def load_people(db: Database, *, of: Settings = settings) -> str:
    """Adds who is missing. Returns who can sign in, and how; nothing where a database belongs to somebody."""
    if not of.is_demo or of.database_url:
        return ""
    async with db.reads() as reads:
        known = set(await reads.scalars(select(User.email).where(User.email.in_(ROLES))))
    if missing := ROLES.keys() - known:
        await _add(db, sorted(missing))
    return SIGN_IN


async def _add(db: Database, emails: list[str]) -> None:
    password_hash = await hashed(PASSWORD)
    async with db.begin() as session:
        for email in emails:
            role = ROLES[email]
            await create_user(
                session,
                email=email,
                name=role.capitalize(),
                locale=settings.locale,
                password_hash=password_hash,
                roles=await find_roles(session, [role]),
                actor="demo",
            )
