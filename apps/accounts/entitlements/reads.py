"""Entitlements as staff see them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.entitlements.entitlements import BY_STAFF
from apps.accounts.entitlements.schemas import EntitlementOut
from apps.accounts.repositories import ENTITLEMENTS, IS_ENTITLED, USERS
from apps.core.errors import NotFound


async def list_entitlements(connection: AsyncConnection, user_id: UUID) -> list[EntitlementOut]:
    """Those that have ended, too; by their keys. Raises NotFound."""
    if (await connection.execute(select(USERS.c.id).where(USERS.c.id == user_id))).first() is None:
        raise NotFound
    columns = (ENTITLEMENTS.c.key, ENTITLEMENTS.c.source, ENTITLEMENTS.c.ends_at, IS_ENTITLED.label("is_active"))
    theirs = select(*columns).where(ENTITLEMENTS.c.user_id == user_id)
    rows = await connection.execute(theirs.order_by(ENTITLEMENTS.c.key, ENTITLEMENTS.c.source))
    return [EntitlementOut(row.key, row.source == BY_STAFF, row.is_active, row.ends_at) for row in rows]
