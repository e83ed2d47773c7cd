"""Pools by id, and their locks."""

from apps.core.db.repositories import LockingRepository
from apps.inventory.models import Pool


class PoolRepository(LockingRepository[Pool]):
    model_type = Pool
