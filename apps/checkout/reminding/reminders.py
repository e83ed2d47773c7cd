"""Reminds who has said to pay by a transfer or in cash: half way through their time, and a day before its end.

Each reminder has a mail's key, so it goes out once, however often the job runs. With two days or less to pay there is
only the first; and where the worker was away until the last day, only the last.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.checkout.mails import order_letter
from apps.checkout.order_view import order_by_id, order_view
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _
from apps.mail.models import Mail
from apps.mail.services import Letter, send
from apps.orders.models import OrderState
from apps.orders.repositories import ORDERS
from apps.payments.providers import HowToPay, offline_names, provider_named
from apps.payments.repositories import IS_ACTIVE, PAYMENTS
from project.settings import settings

DAY: ColumnElement[timedelta] = literal_column("interval '1 day'")
HALF_WAY = ORDERS.c.created_at + (ORDERS.c.pay_until - ORDERS.c.created_at) / 2
IS_SHORT = ORDERS.c.pay_until - ORDERS.c.created_at <= literal_column("interval '2 days'")
SUBJECT = _("Please pay your order {number} from {band}")


class Reminder(StrEnum):
    half_way = "half_way"
    last_day = "last_day"


DUE: dict[Reminder, ColumnElement[bool]] = {
    Reminder.half_way: and_(func.now() >= HALF_WAY, or_(IS_SHORT, ORDERS.c.pay_until - DAY > func.now())),
    Reminder.last_day: and_(not_(IS_SHORT), ORDERS.c.pay_until - DAY <= func.now()),
}


def key_of(reminder: Reminder, order_id: UUID) -> str:
    return f"{_key(reminder)}{order_id}"


def _key(reminder: Reminder) -> str:
    return f"order-unpaid_{reminder}:"


async def due(session: AsyncSession, reminder: Reminder, *, limit: int) -> Sequence[UUID]:
    """Orders that have not been reminded so, the next to run out first."""
    key = literal(_key(reminder), String) + cast(ORDERS.c.id, Text)
    was_reminded = exists().where(Mail.key == key)
    found = _waiting(ORDERS.c.id).where(DUE[reminder], not_(was_reminded)).order_by(ORDERS.c.pay_until)
    return (await session.scalars(found.limit(limit))).all()


async def remind(db: Database, reminder: Reminder, order_id: UUID) -> None:
    """Nothing where it was paid or cancelled meanwhile, or is paid otherwise."""
    async with db.begin() as session:
        connection = await session.connection()
        name = await connection.scalar(_waiting(PAYMENTS.c.provider).where(ORDERS.c.id == order_id))
        how = provider_named(name).how_to_pay if name else None
        letter = await _letter(connection, reminder, await order_by_id(connection, order_id), how) if how else None
    if letter:
        await send(db, letter)


def _waiting(column: ColumnElement[Any]) -> Any:
    """Orders whose money staff wait for, and whose time is not over."""
    return (
        select(column)
        .join_from(ORDERS, PAYMENTS, PAYMENTS.c.owner_id == ORDERS.c.id)
        .where(ORDERS.c.state == OrderState.pending, ORDERS.c.pay_until > func.now())
        .where(IS_ACTIVE, PAYMENTS.c.provider.in_(offline_names()))
    )


async def _letter(connection: AsyncConnection, reminder: Reminder, row: Row[Any], how: HowToPay) -> Letter:
    order = await order_view(connection, row)
    return order_letter(
        row,
        order,
        key=key_of(reminder, row.id),
        subject=SUBJECT.in_locale(row.locale).format(number=order.number, band=settings.band_name),
        template="checkout/mail/unpaid",
        words={"how": how, "zone": settings.time_zone},
    )
