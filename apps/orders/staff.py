"""Archiving pools, for staff: it stands here because it asks the offers that take from them."""

from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from apps.accounts.guards import Staff
from apps.core.db.archive import restore
from apps.core.errors import NotFound
from apps.core.http.openapi import problems
from apps.core.http.preconditions import shown
from apps.core.http.requests import Session
from apps.inventory.repositories import PoolRepository
from apps.inventory.staff import EDIT, LIVE, POOLS, TAGS
from apps.inventory.staff_reads import pool_out
from apps.inventory.staff_schemas import PoolOut
from apps.orders.offers.pools import PoolInUse, archive_pool


class PoolArchiveController(Controller):
    path = f"{POOLS}/{{id:uuid}}"
    tags = TAGS

    @post("/archive", status_code=200, guards=[EDIT], responses=problems(NotFound, PoolInUse))
    async def archive(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[PoolOut]:
        """Take a pool out of the lists, when all that takes from it is in the archive."""
        pool = await PoolRepository(session=session).find(id)
        await archive_pool(session, pool, actor=current_user.actor)
        return shown(pool_out(pool), live=LIVE)

    @post("/restore", status_code=200, guards=[EDIT], responses=problems(NotFound))
    async def restore(self, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[PoolOut]:
        """Put a pool back into the lists."""
        pool = await PoolRepository(session=session).find_locked(id)
        await restore(session, pool, action="inventory.restore_pool", actor=current_user.actor)
        return shown(pool_out(pool), live=LIVE)
