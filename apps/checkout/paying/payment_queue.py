"""Payments are started in batches (core/db/batching.py): a transaction before the provider is asked, one after."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.paying.cancel import BeingPaid, NotPending
from apps.core.db.batching import Batcher
from apps.core.db.bulk import update_rows
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderState
from apps.orders.repositories import LOCK_FREE_ORDERS, LOCK_ORDERS, ORDERS
from apps.payments.models import Payment
from apps.payments.providers import provider_named
from apps.payments.repositories import owners_with_money
from apps.payments.starting.open_pages import note_opened
from apps.payments.starting.prepare import PaymentWanted, prepare_payments


class TooLateToPay(AppError):
    status = 409
    type = "too-late-to-pay"
    message = _("The time to pay this order is over.")


@dataclass(frozen=True, slots=True)
class StartPayment:
    order_id: UUID
    provider: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """`order` as its columns."""

    order: Row[Any]
    payment: Payment


class PaymentQueue:
    """One for each process: payments that are to be opened at their providers, and those that have been."""

    def __init__(self, db: Database) -> None:
        self.prepare = Batcher(db.transaction, prepare, prepare_unlocked)
        self.note_opened = Batcher(db.transaction, note_opened)


async def prepare(connection: AsyncConnection, commands: Sequence[StartPayment]) -> Sequence[Prepared | AppError]:
    """Refused: NotPending, TooLateToPay, BeingPaid, ProviderUnknown, ProviderUnfit, PaymentElsewhere."""
    rows = await connection.execute(LOCK_ORDERS, {"ids": [each.order_id for each in commands]})
    return await _prepare(connection, commands, {row.id: row for row in rows})


async def prepare_unlocked(
    connection: AsyncConnection, commands: Sequence[StartPayment]
) -> Sequence[Prepared | AppError | None]:
    """None for orders that others keep locked."""
    rows = await connection.execute(LOCK_FREE_ORDERS, {"ids": [each.order_id for each in commands]})
    orders = {row.id: row for row in rows}
    prepared = iter(await _prepare(connection, [each for each in commands if each.order_id in orders], orders))
    return [next(prepared) if each.order_id in orders else None for each in commands]


async def _prepare(
    connection: AsyncConnection, commands: Sequence[StartPayment], orders: Mapping[UUID, Row[Any]]
) -> Sequence[Prepared | AppError]:
    moment, with_money = await now(connection), await owners_with_money(connection, orders)
    refusals = {id: _refusal(order, moment, with_money) for id, order in orders.items()}
    payable = [each for each in commands if refusals[each.order_id] is None]
    payments = iter(await prepare_payments(connection, [_wanted(orders[each.order_id], each) for each in payable]))
    prepared = [_prepared(each, orders, refusals[each.order_id], payments) for each in commands]
    await _give_time(connection, [each for each in prepared if isinstance(each, Prepared)])
    return prepared


def _refusal(order: Row[Any], moment: datetime, with_money: Collection[UUID]) -> AppError | None:
    if order.state is not OrderState.pending:
        return NotPending(state=order.state)
    if order.pay_until <= moment:
        return TooLateToPay()
    return BeingPaid() if order.id in with_money else None


def _wanted(order: Row[Any], command: StartPayment) -> PaymentWanted:
    return PaymentWanted(order.id, command.provider, order.total, order.currency, order.pay_until)


def _prepared(
    command: StartPayment,
    orders: Mapping[UUID, Row[Any]],
    refusal: AppError | None,
    payments: Iterator[Payment | AppError],
) -> Prepared | AppError:
    """`payments`: those of the orders that nothing was refused of, in turn."""
    payment = refusal or next(payments)
    return payment if isinstance(payment, AppError) else Prepared(orders[command.order_id], payment)


async def _give_time(connection: AsyncConnection, prepared: Sequence[Prepared]) -> None:
    """Days to who pays by a transfer."""
    rows = {}
    for order, payment in ((each.order, each.payment) for each in prepared):
        can = provider_named(payment.provider).capabilities
        if can.offline and (until := min(payment.expires_at, order.created_at + can.longest)) > order.pay_until:
            rows[order.id] = {"id": order.id, "pay_until": until}
    await update_rows(connection, ORDERS, list(rows.values()))
