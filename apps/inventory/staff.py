"""The staff's API of stock: pools, and what came and went. Archiving a pool asks its offers: apps/orders/staff.py."""

from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from apps.accounts.guards import Staff, requires
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.errors import NotFound
from apps.core.http.once import OnceDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.search import WordsQuery
from apps.inventory.permissions import StockPermission
from apps.inventory.repositories import PoolRepository
from apps.inventory.services import StockInUse
from apps.inventory.staff_reads import MovementQuery, PoolQuery, list_movements, list_pools, moved_out, pool_out
from apps.inventory.staff_schemas import MovedOut, MovementIn, MovementOut, NewPoolIn, PoolIn, PoolOut
from apps.inventory.stock import move_stock, open_pool, rename_pool

VIEW = requires(StockPermission.STOCK_VIEW)
EDIT = requires(StockPermission.STOCK_EDIT)
MOVE = requires(StockPermission.STOCK_MOVE)
POOLS = "/api/v1/staff/pools"
TAGS = ["Staff: stock"]
LIVE = ("capacity", "taken", "left")
"""What changes with every sale and delivery: no part of a pool's version."""


class PoolStaffController(Controller):
    path = POOLS
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        q: WordsQuery = "",
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[PoolOut]:
        """Pools, the newest first."""
        return await list_pools(reads, PoolQuery(q=q, archive_filter=archived), limit=limit, after=after)

    @get("/{id:uuid}", guards=[VIEW], responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[PoolOut]:
        """One pool, with what is taken of it and left."""
        return shown(pool_out(await PoolRepository(session=session).find(id)), live=LIVE)

    @post("/", status_code=201, guards=[EDIT])
    async def create(
        self, data: JSONBody[NewPoolIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[PoolOut]:
        """Open a pool, with its first stock."""

        async def work() -> Response[PoolOut]:
            pool = await open_pool(session, data, actor=person.actor)
            return shown(pool_out(pool), status=201, location=f"{POOLS}/{pool.id}", live=LIVE)

        return await once(work)

    @put("/{id:uuid}", guards=[EDIT], responses=problems(NotFound, InArchive))
    async def rename(
        self, id: FromPath[UUID], data: JSONBody[PoolIn], session: Session, person: Staff, if_match: IfMatch = None
    ) -> Response[PoolOut]:
        """Rename a pool. Its stock changes by movements only."""
        pool = await PoolRepository(session=session).find_locked(id)
        refuse_stale(if_match, pool_out(pool), live=LIVE)
        await rename_pool(session, pool, data.name, actor=person.actor)
        return shown(pool_out(pool), live=LIVE)


class MovementStaffController(Controller):
    path = f"{POOLS}/{{id:uuid}}/movements"
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(NotFound, BadCursor))
    async def list(
        self, id: FromPath[UUID], session: Session, limit: PageSize = 20, after: After = None
    ) -> Page[MovementOut]:
        """What came and went, the latest first."""
        await PoolRepository(session=session).find(id)
        return await list_movements(await session.connection(), MovementQuery(pool=id), limit=limit, after=after)

    @post("/", status_code=201, guards=[MOVE], responses=problems(NotFound, InArchive, StockInUse))
    async def create(
        self, id: FromPath[UUID], data: JSONBody[MovementIn], session: Session, person: Staff, once: OnceDep
    ) -> Response[MovedOut]:
        """Say what came or went, or what was counted. What is held or sold stays so."""

        async def work() -> Response[MovedOut]:
            pool = await PoolRepository(session=session).find_locked(id)
            movement = await move_stock(session, pool, data, actor=person.actor)
            moved = await moved_out(session, pool, movement)
            return shown(moved, status=201, location=f"{POOLS}/{pool.id}/movements")

        return await once(work)
