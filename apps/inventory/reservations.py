"""Reservations of scarce units: pools and holds of one transaction, locked, decided in memory, written at once.

    reservations = Reservations(connection)
    await reservations.load_holds(owners)       # locks their holds, by item and pool
    await reservations.lock_pools(pools)        # locks the pools, by id: always the last rows locked
    reservations.hold(owner, {item: {pool: units}}, until=...)     # all or nothing; raises NotEnough
    await reservations.write()

Nothing else in Backline writes `pool.reserved` or `hold`. CHECK (reserved BETWEEN 0 AND capacity) stands behind it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among, delete_rows, not_among, update_rows, upsert_rows
from apps.core.events import publish
from apps.inventory.events import told_by
from apps.inventory.holds import HeldItem, NetworkHolds, NotEnough
from apps.inventory.models import HoldState
from apps.inventory.repositories import (
    HAS_RUN_OUT,
    HELD_BY_NETWORKS,
    HOLDS,
    LOCK_FREE_POOLS,
    LOCK_POOLS,
    POOLS,
    holds_of,
)

Units = Mapping[UUID, int]
Claims = Mapping[UUID, Units]
Growth = Mapping[int | None, Units]
"""How what is held of each pool changes, by the network for which it counts."""


class Reservations:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.items: dict[UUID, HeldItem] = {}
        self.networks: dict[int, NetworkHolds] = {}
        self.capacity: dict[UUID, int] = {}
        self._left: dict[UUID, int] = {}
        self._reserved: dict[UUID, int] = {}
        self._changed: set[UUID] = set()
        self._gone: list[tuple[UUID, UUID]] = []
        self._owned: dict[UUID, set[UUID]] = {}

    async def load_holds(self, owners: Collection[UUID], *, waits: bool = True) -> set[UUID]:
        """Lock and read every hold of `owners`.

        Returns, where it `waits` for nobody, the owners of holds that others have locked.
        """
        if owners:
            await self._read(holds_of(owners).with_for_update(skip_locked=not waits))
        if waits or not owners:
            return set()
        rows = await self._connection.execute(holds_of(owners))
        return {row.owner_id for row in rows if row.pool_id not in self.pools_of([row.item_id])}

    async def look_at_holds(self, owners: Collection[UUID]) -> None:
        """Read without locking, for showing only."""
        await self._read(holds_of(owners))

    async def _read(self, found: Select[Any]) -> None:
        for row in await self._connection.execute(found):
            self._remember(row)

    def _remember(self, row: Row[Any]) -> None:
        item = self.items.get(row.item_id)
        if item is None:
            item = self.items[row.item_id] = HeldItem(
                row.owner_id, {}, HoldState(row.state), row.expires_at, row.network
            )
            self._owned.setdefault(row.owner_id, set()).add(row.item_id)
        item.units[row.pool_id] = row.units

    async def lock_pools(
        self, pools: Collection[UUID], *, demand: Units | None = None, waits: bool = True
    ) -> set[UUID]:
        """Lock and read `pools`; where `demand` exceeds what is left, free expired holds of others first.

        Returns, where it `waits` for nobody, those that others have locked.
        """
        if not pools:
            return set()
        for row in await self._connection.execute(LOCK_POOLS if waits else LOCK_FREE_POOLS, {"ids": list(pools)}):
            self.capacity[row.id] = row.capacity
            self._left[row.id] = row.capacity - row.reserved
        locked = set(pools) - self._left.keys()
        short = [pool for pool, units in (demand or {}).items() if pool not in locked and units > self._left[pool]]
        if short:
            await self.free_expired(short)
        return locked

    async def free_expired(self, pools: Collection[UUID]) -> int:
        """Free what ran out of these locked pools; returns how many holds.

        Never waits for a hold (SKIP LOCKED), so taking holds after pools cannot deadlock.
        """
        if not pools:
            return 0
        key = (HOLDS.c.item_id, HOLDS.c.pool_id)
        others = and_(HAS_RUN_OUT, not_among(HOLDS.c.item_id, self.items))
        found = select(*key).where(among(HOLDS.c.pool_id, pools), others).with_for_update(skip_locked=True)
        freed = delete(HOLDS).where(tuple_(*key).in_(found)).returning(HOLDS.c.pool_id, HOLDS.c.units)
        rows = (await self._connection.execute(freed)).all()
        for pool_id, units in rows:
            self._move(pool_id, -units)
        return len(rows)

    async def load_networks(self, networks: Collection[int]) -> None:
        """Read what these networks hold, once nobody else can take more for them."""
        self.networks = {network: NetworkHolds() for network in networks}
        if not networks:
            return
        for network, pool, units, until in await self._connection.execute(HELD_BY_NETWORKS, {"ids": list(networks)}):
            holds = self.networks[network]
            holds.add(pool, units)
            holds.expires_at = min(filter(None, (holds.expires_at, until)), default=None)

    def hold(
        self,
        owner: UUID,
        claims: Claims,
        *,
        until: datetime | None,
        network: int | None = None,
        refuse: Callable[[Growth], None] | None = None,
    ) -> None:
        """Make each item hold exactly its units for `owner` until `until`; all or nothing.

        Units an item holds already count; those it no longer needs are freed. What an item holds counts for the
        `network` where it began; without one for nobody. `refuse` looks at what would change, and raises.
        """
        growth = self._growth(claims, network)
        self._refuse_shortage(growth)
        if refuse:
            refuse(growth)
        for item_id, units in claims.items():
            if units or item_id in self.items:
                held = self.items.setdefault(item_id, HeldItem(owner, {}, HoldState.held, until, network))
                self._resize(item_id, held, units)
                self._give(item_id, held, owner)
                held.expires_at = until

    def _give(self, item_id: UUID, held: HeldItem, owner: UUID) -> None:
        self._owned.get(held.owner_id, set()).discard(item_id)
        self._owned.setdefault(owner, set()).add(item_id)
        held.owner_id = owner

    def missing(self, item: UUID, units: Units) -> Units:
        """How the pools would change if `item` held exactly `units`: {} means that nothing has to be taken or freed."""
        held = self.items[item].units if item in self.items else {}
        if not held or held == units:
            return {} if held else units
        changes = {pool: units.get(pool, 0) - held.get(pool, 0) for pool in {*units, *held}}
        return {pool: change for pool, change in changes.items() if change}

    def _growth(self, claims: Claims, network: int | None) -> Growth:
        growth: dict[int | None, dict[UUID, int]] = {}
        for item_id, units in claims.items():
            held = self.items.get(item_id)
            changes = growth.setdefault(held.network if held else network, {})
            for pool, change in self.missing(item_id, units).items():
                changes[pool] = changes.get(pool, 0) + change
        return growth

    def _refuse_shortage(self, growth: Growth) -> None:
        demand: dict[UUID, int] = {}
        for changes in growth.values():
            for pool, change in changes.items():
                demand[pool] = demand.get(pool, 0) + change
        short = {pool: self._left[pool] for pool, change in demand.items() if change > self._left[pool]}
        if short:
            raise NotEnough(short)

    def _resize(self, item_id: UUID, held: HeldItem, units: Units) -> None:
        for pool, change in self.missing(item_id, units).items():
            self._move(pool, change)
            self._count(held.network, pool, change)
            if pool not in units:
                self._gone.append((item_id, pool))
        held.units = dict(units)
        self._changed.add(item_id)

    def _move(self, pool: UUID, change: int) -> None:
        self._left[pool] -= change
        self._reserved[pool] = self._reserved.get(pool, 0) + change

    def _count(self, network: int | None, pool: UUID, change: int) -> None:
        if network in self.networks:
            self.networks[network].add(pool, change)

    def renew(self, owner: UUID, *, until: datetime) -> None:
        for item_id in self._owned.get(owner, ()):
            self.items[item_id].expires_at = until
            self._changed.add(item_id)

    def release(self, items: Iterable[UUID]) -> None:
        """Free all that `items` hold; their pools must be locked."""
        for item_id in items:
            held = self.items.pop(item_id, None)
            if held is None:
                continue
            self._changed.discard(item_id)
            self._owned[held.owner_id].discard(item_id)
            for pool, units in held.units.items():
                self._move(pool, -units)
                self._count(held.network, pool, -units)
                self._gone.append((item_id, pool))

    def pass_on(self, item: UUID, owner: UUID) -> None:
        """To another owner, as it is: no pool is touched."""
        if held := self.items.get(item):
            self._give(item, held, owner)
            self._changed.add(item)

    def merge(self, item: UUID, into: UUID, owner: UUID) -> None:
        """`into` holds for `owner` what `item` held, too: no pool is touched. `item` is gone."""
        held = self.items.pop(item, None)
        if held is None:
            return
        self._changed.discard(item)
        self._owned[held.owner_id].discard(item)
        self._gone.extend((item, pool) for pool in held.units)
        whole = self.items.setdefault(into, HeldItem(owner, {}, held.state, held.expires_at, held.network))
        for pool, units in held.units.items():
            self._count(held.network, pool, -units)
            self._count(whole.network, pool, units)
        whole.units = {pool: whole.units.get(pool, 0) + held.units.get(pool, 0) for pool in {*whole.units, *held.units}}
        self.pass_on(into, owner)

    def growth_by_merging(self, item: UUID, into: UUID) -> Growth:
        """How what networks hold would change: an item counts for one of them."""
        held, whole = self.items.get(item), self.items.get(into)
        if held is None or whole is None or held.network == whole.network:
            return {}
        return {whole.network: held.units, held.network: {pool: -units for pool, units in held.units.items()}}

    def run_out(self, owner: UUID, *, at: datetime) -> list[UUID]:
        """The items of `owner` whose time is over, though nobody freed them yet."""
        mine = ((item_id, self.items[item_id].expires_at) for item_id in self._owned.get(owner, ()))
        return [item_id for item_id, until in mine if until and until <= at]

    def reduce(self, item: UUID, *, part: int, of: int) -> None:
        """Free `part` of the `of` pieces the item stands for."""
        held = self.items.get(item)
        if held is not None:
            rest = {pool: units - units * part // of for pool, units in held.units.items()}
            self._resize(item, held, {pool: units for pool, units in rest.items() if units})

    def owns(self, owner: UUID) -> bool:
        """Whether `owner` holds anything at all."""
        return bool(self._owned.get(owner))

    def networks_of(self, owner: UUID) -> set[int | None]:
        """For whom counts what `owner` holds."""
        return {self.items[item_id].network for item_id in self._owned.get(owner, ())}

    def units_of(self, owner: UUID, *, without: UUID | None = None) -> Units:
        """What `owner` holds of each pool, `without` one item."""
        units: dict[UUID, int] = {}
        for item_id in self._owned.get(owner, ()):
            if item_id != without:
                for pool, held in self.items[item_id].units.items():
                    units[pool] = units.get(pool, 0) + held
        return units

    def holds(self, item: UUID, units: Units, *, at: datetime) -> bool:
        """Whether `item` holds these units at this moment."""
        held = self.items.get(item)
        runs = held is None or held.expires_at is None or held.expires_at > at
        return runs and not self.missing(item, units)

    def pools_of(self, items: Iterable[UUID]) -> set[UUID]:
        return {pool for item in items if item in self.items for pool in self.items[item].units}

    async def write(self) -> None:
        """Holds, then pools."""
        await delete_rows(self._connection, HOLDS, [{"item_id": item, "pool_id": pool} for item, pool in self._gone])
        await upsert_rows(
            self._connection, HOLDS, [row for item_id in self._changed for row in self.items[item_id].rows(item_id)]
        )
        moved = [{"id": pool, "reserved": change} for pool, change in self._reserved.items() if change]
        await update_rows(self._connection, POOLS, moved, add=("reserved",))
        news = [
            told_by(pool, before=self._left[pool] + change, after=self._left[pool])
            for pool, change in self._reserved.items()
        ]
        await publish(self._connection, *filter(None, news))
        self._gone, self._changed, self._reserved = [], set(), {}
