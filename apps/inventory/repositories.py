"""Pools and holds: their tables, named queries and locks."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, literal_column, select

from apps.core.db.bulk import among, among_ids
from apps.core.db.repositories import LockingRepository
from apps.inventory.models import Hold, HoldState, Pool

POOLS = Pool.table()
HOLDS = Hold.table()
IS_HELD = HOLDS.c.state == literal_column(f"'{HoldState.held}'")
"""Spelled out, as the index of what is not sold yet has it."""
HAS_RUN_OUT = and_(IS_HELD, HOLDS.c.expires_at < func.statement_timestamp())
FIND_POOLS = select(POOLS.c.id, POOLS.c.capacity, POOLS.c.reserved).where(among_ids(POOLS.c.id)).order_by(POOLS.c.id)
LOCK_POOLS = FIND_POOLS.with_for_update(key_share=True)
LOCK_FREE_POOLS = FIND_POOLS.with_for_update(key_share=True, skip_locked=True)
HELD_BY_NETWORKS = (
    select(HOLDS.c.network, HOLDS.c.pool_id, func.sum(HOLDS.c.units), func.min(HOLDS.c.expires_at))
    .where(among_ids(HOLDS.c.network))
    .group_by(HOLDS.c.network, HOLDS.c.pool_id)
)


def holds_of(owners: Collection[UUID]) -> Select[Any]:
    return select(HOLDS).where(among(HOLDS.c.owner_id, owners)).order_by(HOLDS.c.item_id, HOLDS.c.pool_id)


class PoolRepository(LockingRepository[Pool]):
    model_type = Pool
