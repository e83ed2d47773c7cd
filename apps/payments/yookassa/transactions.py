"""YooKassa's lists of payments and refunds: https://yookassa.ru/developers/api#get_payments_list, #get_refunds_list."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from msgspec import Struct

from apps.payments.providers import Transaction, TransactionKind, understood, uuid_in
from apps.payments.yookassa import reports

Ask = Callable[[str, type[Any]], Awaitable[Any]]
"""The JSON of a path, as of that type."""
PAGE = 100
"""The most that YooKassa gives at once."""


class ListedPayment(reports.Payment, kw_only=True):
    created_at: datetime
    captured_at: datetime | None = None


class ListedRefund(reports.Refund, kw_only=True):
    created_at: datetime


class Payments(Struct):
    items: list[ListedPayment]
    next_cursor: str | None = None


class Refunds(Struct):
    items: list[ListedRefund]
    next_cursor: str | None = None


Page = TypeVar("Page", Payments, Refunds)


async def list_transactions(ask: Ask, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
    async for payments in _pages(ask, "payments", Payments, start, end):
        for each in understood(payments.items, _charge):
            yield each
    async for refunds in _pages(ask, "refunds", Refunds, start, end):
        for each in understood(refunds.items, _refund):
            yield each


async def _pages(ask: Ask, what: str, kind: type[Page], start: datetime, end: datetime) -> AsyncIterator[Page]:
    query = {"created_at.gte": start.isoformat(), "created_at.lt": end.isoformat(), "limit": str(PAGE)}
    while True:
        page: Page = await ask(f"{what}?{urlencode(query)}", kind)
        yield page
        if page.next_cursor is None:
            return
        query["cursor"] = page.next_cursor


def _charge(payment: ListedPayment) -> Transaction | None:
    """None for money that did not come."""
    if payment.status != "succeeded":
        return None
    return Transaction(
        kind=TransactionKind.charge,
        id=uuid_in((payment.metadata or {}).get(reports.PAYMENT, "")),
        reference=payment.id,
        charge_reference=payment.id,
        amount=reports.from_yookassa(payment.amount),
        currency=payment.amount.currency,
        happened_at=payment.captured_at or payment.created_at,
    )


def _refund(refund: ListedRefund) -> Transaction | None:
    if refund.status == "canceled":
        return None
    return Transaction(
        kind=TransactionKind.refund,
        id=uuid_in((refund.metadata or {}).get(reports.REFUND, "")),
        reference=refund.id,
        charge_reference=refund.payment_id,
        amount=reports.from_yookassa(refund.amount),
        currency=refund.amount.currency,
        happened_at=refund.created_at,
        is_done=refund.status == "succeeded",
    )
