"""What an order may be withdrawn from, and the withdrawals that there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.translations import title_in
from apps.orders.models import OrderState
from apps.shop.withdrawals.models import WithdrawalState
from apps.shop.withdrawals.period import end_of, is_offered_to, last_day, received
from apps.shop.withdrawals.repositories import WITHDRAWALS, merch_of, pieces_of
from apps.shop.withdrawals.schemas import OrderWithdrawalsOut, PiecesOut, WithdrawalFoundOut, WithdrawalOut
from project.settings import settings

NEWEST = Keyset((WITHDRAWALS.c.created_at, WITHDRAWALS.c.id), (AwareDatetime, UUID), is_descending=True)


@dataclass(frozen=True, slots=True)
class Withdrawable:
    """Pieces that are left to be withdrawn; with `is_over` there are none because it is too late."""

    lines: Sequence[PiecesOut] = ()
    last_day: date | None = None
    is_over: bool = False


async def find_withdrawable(connection: AsyncConnection, order: Any, *, locale: str) -> Withdrawable:
    """From an order's columns: two queries. Nobody withdraws from what is not paid, or was free."""
    if order.state != OrderState.paid or not order.total or not is_offered_to(order.address):
        return Withdrawable()
    delivery = await received(connection, order.id)
    day = last_day(delivery.at) if delivery.at else None
    if day and delivery.now >= end_of(day):
        return Withdrawable(last_day=day, is_over=True)
    rows = await merch_of(connection, order.id)
    titled = (PiecesOut(row.id, title_in(locale, row.title, row.translations), row.left) for row in rows)
    return Withdrawable([each for each in titled if each.quantity > 0], day)


async def withdrawals_view(connection: AsyncConnection, order: Any, *, locale: str) -> OrderWithdrawalsOut:
    withdrawable = await find_withdrawable(connection, order, locale=locale)
    return OrderWithdrawalsOut(
        lines=list(withdrawable.lines),
        last_day=withdrawable.last_day,
        withdrawals=await withdrawals_of(connection, order.id, locale=locale),
    )


async def withdrawals_of(connection: AsyncConnection, order_id: UUID, *, locale: str) -> list[WithdrawalOut]:
    """The oldest first."""
    found = select(WITHDRAWALS).where(WITHDRAWALS.c.order_id == order_id).order_by(WITHDRAWALS.c.id)
    rows = (await connection.execute(found)).all()
    pieces = await _pieces(connection, {row.id for row in rows}, locale=locale)
    return [WithdrawalOut(**_facts(row), lines=pieces[row.id]) for row in rows]


async def withdrawal_of(connection: AsyncConnection, id: UUID, *, locale: str) -> WithdrawalOut:
    row = (await connection.execute(select(WITHDRAWALS).where(WITHDRAWALS.c.id == id))).one()
    pieces = await _pieces(connection, {id}, locale=locale)
    return WithdrawalOut(**_facts(row), lines=pieces[id])


class WithdrawalQuery(Struct, frozen=True, kw_only=True):
    """What staff look for; `order` is a number."""

    order: str
    state: WithdrawalState | None


async def find_withdrawals(
    connection: AsyncConnection, query: WithdrawalQuery, *, limit: int, after: str | None
) -> Page[WithdrawalFoundOut]:
    """The newest first: two queries."""
    found = select(WITHDRAWALS)
    if query.order:
        found = found.where(WITHDRAWALS.c.order_number == query.order.upper())
    if query.state:
        found = found.where(WITHDRAWALS.c.state == query.state)
    page = await page_by_key(connection, found, NEWEST, _found_out, query=query, limit=limit, after=after)
    pieces = await _pieces(connection, {each.id for each in page.items}, locale=settings.locale)
    for each in page.items:
        each.lines = pieces[each.id]
    return page


async def withdrawal_for_staff(connection: AsyncConnection, id: UUID) -> WithdrawalFoundOut:
    """Raises NotFound."""
    row = (await connection.execute(select(WITHDRAWALS).where(WITHDRAWALS.c.id == id))).one_or_none()
    if row is None:
        raise NotFound
    found = _found_out(row)
    found.lines = (await _pieces(connection, {id}, locale=settings.locale))[id]
    return found


def _found_out(row: Row[Any]) -> WithdrawalFoundOut:
    """Its pieces are found afterwards."""
    moments = {"received_at": row.received_at, "refused_at": row.refused_at}
    return WithdrawalFoundOut(**_facts(row), **moments, order=row.order_number, lines=[])


def _facts(row: Row[Any]) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("id", "state", "name", "email", "statement", "note")}
    return {**same, "submitted_at": row.created_at}


async def _pieces(connection: AsyncConnection, ids: Collection[UUID], *, locale: str) -> Mapping[UUID, list[PiecesOut]]:
    """By withdrawal: one query, none without any."""
    found: dict[UUID, list[PiecesOut]] = defaultdict(list)
    for row in await pieces_of(connection, ids) if ids else ():
        title = title_in(locale, row.title, row.translations)
        found[row.withdrawal_id].append(PiecesOut(row.order_line_id, title, row.quantity))
    return found
