"""Named queries over withdrawals, and over what is left to be withdrawn."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.repositories import LockingRepository
from apps.orders.repositories import ORDER_LINES
from apps.shop.models import MERCH
from apps.shop.withdrawals.models import WAITING, Withdrawal, WithdrawalLine

WITHDRAWALS = Withdrawal.table()
LINES = WithdrawalLine.table()


class WithdrawalRepository(LockingRepository[Withdrawal]):
    model_type = Withdrawal

    async def lines(self, id: UUID) -> Sequence[WithdrawalLine]:
        found = select(WithdrawalLine).where(WithdrawalLine.withdrawal_id == id)
        return (await self.session.scalars(found.order_by(WithdrawalLine.order_line_id))).all()


def withdrawn_of(line_id: Any) -> ScalarSelect[int]:
    """How many pieces of an order's line are withdrawn, and neither refunded nor refused yet."""
    joined = LINES.join(WITHDRAWALS, WITHDRAWALS.c.id == LINES.c.withdrawal_id)
    pieces = select(func.coalesce(func.sum(LINES.c.quantity), 0)).select_from(joined)
    return pieces.where(LINES.c.order_line_id == line_id, WITHDRAWALS.c.state.in_(WAITING)).scalar_subquery()


def held_back(order_ids: Collection[UUID]) -> Select[tuple[UUID]]:
    """Lines of these orders that must not be sent before staff have seen to a withdrawal."""
    joined = LINES.join(WITHDRAWALS, WITHDRAWALS.c.id == LINES.c.withdrawal_id)
    waiting = select(LINES.c.order_line_id).select_from(joined)
    return waiting.where(WITHDRAWALS.c.order_id.in_(order_ids), WITHDRAWALS.c.state.in_(WAITING))


async def merch_of(connection: AsyncConnection, order_id: UUID) -> Sequence[Row[Any]]:
    """The order's lines of merch in their order: `left` is how many pieces may still be withdrawn."""
    pieces = ORDER_LINES.c.quantity - ORDER_LINES.c.refunded_quantity
    names = (ORDER_LINES.c.id, ORDER_LINES.c.title, ORDER_LINES.c.translations)
    found = select(*names, (pieces - withdrawn_of(ORDER_LINES.c.id)).label("left"))
    mine = found.where(ORDER_LINES.c.order_id == order_id, ORDER_LINES.c.kind == MERCH)
    return (await connection.execute(mine.order_by(ORDER_LINES.c.position))).all()


async def pieces_of(connection: AsyncConnection, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """What these withdrawals are about: `withdrawal_id`, `order_line_id`, `quantity`, and the line's titles."""
    found = select(LINES, ORDER_LINES.c.title, ORDER_LINES.c.translations).join(
        ORDER_LINES, ORDER_LINES.c.id == LINES.c.order_line_id
    )
    mine = found.where(LINES.c.withdrawal_id.in_(ids)).order_by(LINES.c.withdrawal_id, ORDER_LINES.c.position)
    return (await connection.execute(mine)).all()
