"""What staff do with one pool: open it, rename it, record movements. Callers hold its lock."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import assign, record
from apps.core.db.archive import refuse_archived
from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.inventory.models import MovementReason, Pool
from apps.inventory.repositories import PoolRepository
from apps.inventory.services import NewPool, count, move, open_pools
from apps.inventory.staff_schemas import MovementIn, NewPoolIn

EITHER = _("Give either what came or went, or what was counted.")
NOTHING_MOVED = _("Must not be 0.")
ONLY_PLUS = _("Must be more than 0: this reason is for what came.")
ONLY_MINUS = _("Must be less than 0: this reason is for what went.")
WHEN_COUNTED = _("Must be “counted” when something was counted, and only then.")


async def open_pool(session: AsyncSession, data: NewPoolIn, *, actor: str) -> Pool:
    opened = NewPool(name=data.name, units=data.capacity)
    await open_pools(await session.connection(), [opened], actor=actor)
    pool = await PoolRepository(session=session).lock(opened.id)
    record(session, "inventory.open_pool", pool, actor=actor, after={"name": pool.name, "capacity": pool.capacity})
    return pool


async def rename_pool(session: AsyncSession, pool: Pool, name: str, *, actor: str) -> None:
    """Raises InArchive."""
    refuse_archived(pool)
    before, after = assign(pool, {"name": name})
    await session.flush()
    if after:
        record(session, "inventory.rename_pool", pool, actor=actor, before=before, after=after)


async def move_stock(session: AsyncSession, pool: Pool, data: MovementIn, *, actor: str) -> UUID | None:
    """The movement's id; None when what was counted is there. It is its own entry in the audit log.

    Raises InArchive, Invalid, StockInUse.
    """
    refuse_archived(pool)
    if errors := list(_unclear(data)):
        raise Invalid(errors=errors)
    connection = await session.connection()
    if data.counted is not None:
        moved = await count(connection, {pool.id: data.counted}, actor=actor, note=data.note)
    else:
        deltas = {pool.id: data.delta or 0}
        moved = await move(connection, deltas, reason=data.reason, actor=actor, note=data.note)
    await session.refresh(pool)
    return moved.get(pool.id)


def _unclear(data: MovementIn) -> Iterator[FieldError]:
    if (data.delta is None) == (data.counted is None):
        yield FieldError("delta", EITHER)
    if data.delta == 0:
        yield FieldError("delta", NOTHING_MOVED)
    elif wrong_way := data.delta and _wrong_way(data.delta, data.reason):
        yield FieldError("delta", wrong_way)
    if (data.counted is None) == (data.reason is MovementReason.counted):
        yield FieldError("reason", WHEN_COUNTED)


def _wrong_way(delta: int, reason: MovementReason) -> Lazy | None:
    match reason:
        case MovementReason.received | MovementReason.returned if delta < 0:
            return ONLY_PLUS
        case MovementReason.damaged if delta > 0:
            return ONLY_MINUS
        case _:
            return None
