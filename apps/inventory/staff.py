"""The staff's API of stock: pools and movements. Archiving a pool asks its offers: apps/orders/staff.py."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, requires
from apps.accounts.resources import routes
from apps.core.db.archive import InArchive
from apps.core.errors import NotFound
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, Session
from apps.inventory.permissions import StockPermission
from apps.inventory.resources import POOL
from apps.inventory.services import StockInUse
from apps.inventory.staff_reads import MovementQuery, list_movements, moved_out
from apps.inventory.staff_schemas import MovedOut, MovementIn, MovementOut
from apps.inventory.stock import move_stock

VIEW = requires(StockPermission.STOCK_VIEW)
EDIT = requires(StockPermission.STOCK_EDIT)
MOVE = requires(StockPermission.STOCK_MOVE)
POOLS = POOL.path
TAGS = ["Staff: stock"]
LIVE = POOL.live


class PoolStaffController(Controller):
    path, tags = POOLS, TAGS

    list = routes.to_list(POOL, "Pools, the newest first.")
    show = routes.to_show(POOL, "One pool, with what is reserved of it and left.")
    create = routes.to_create(POOL, "Open a pool, with its first stock.")
    rename = routes.to_change(POOL, "Rename a pool. Its stock changes by movements only.")


class MovementStaffController(Controller):
    path = f"{POOLS}/{{id:uuid}}/movements"
    tags = TAGS

    @get("/", guards=[VIEW], cache_control=PERSONAL, responses=problems(NotFound, BadCursor))
    async def list(
        self, id: FromPath[UUID], session: Session, limit: PageSize = 20, after: After = None
    ) -> Page[MovementOut]:
        """What came and went, the latest first."""
        await POOL.find(session, id)
        return await list_movements(await session.connection(), MovementQuery(pool=id), limit=limit, after=after)

    @post("/", status_code=201, guards=[MOVE], responses=problems(NotFound, InArchive, StockInUse))
    async def create(
        self,
        id: FromPath[UUID],
        data: JSONBody[MovementIn],
        session: Session,
        current_user: Staff,
        idempotent: IdempotentDep,
    ) -> Response[MovedOut]:
        """Say what came or went, or what was counted. What is held or sold stays so."""
        return await idempotent(_move, session, id, data, actor=current_user.actor)


async def _move(session: AsyncSession, id: UUID, data: MovementIn, *, actor: str) -> Response[MovedOut]:
    pool = await POOL.lock(session, id)
    movement = await move_stock(session, pool, data, actor=actor)
    moved = await moved_out(session, pool, movement)
    return shown(moved, status=201, location=f"{POOLS}/{pool.id}/movements")
