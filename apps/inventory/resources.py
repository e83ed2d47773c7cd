"""What staff look after in the stock."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.resources.resource import Resource, ResourcePermissions
from apps.core.db.keyset import Keyset
from apps.inventory.models import Pool
from apps.inventory.permissions import StockPermission as P
from apps.inventory.repositories import PoolRepository
from apps.inventory.services import POOLS
from apps.inventory.staff_reads import pool_out
from apps.inventory.staff_schemas import NewPoolIn, PoolIn, PoolOut
from apps.inventory.stock import open_pool, rename_pool


async def change_pool(session: AsyncSession, pool: Pool, data: PoolIn, *, actor: str) -> None:
    await rename_pool(session, pool, data.name, actor=actor)


POOL = Resource(
    path="/api/v1/staff/pools",
    permissions=ResourcePermissions(view=P.STOCK_VIEW, edit=P.STOCK_EDIT),
    repository=PoolRepository,
    schema=PoolIn,
    new_schema=NewPoolIn,
    out_schema=PoolOut,
    out=pool_out,
    live=("capacity", "reserved", "left"),
    keyset=Keyset((POOLS.c.id,), (UUID,), is_descending=True),
    searched=(POOLS.c.name,),
    add=open_pool,
    change=change_pool,
)
"""Its stock changes with every sale and delivery. Archiving asks the offers that take from it: apps/orders/staff.py."""
