"""PayPal's search of transactions: https://developer.paypal.com/docs/api/transaction-search/v1/.

It takes up to three hours until a transaction is found there, and the app needs the feature "Transaction search".
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from msgspec import Meta, Struct, field

from apps.payments.paypal.client import PayPalClient
from apps.payments.paypal.objects import Id, Money
from apps.payments.paypal.reports import REFUND
from apps.payments.providers import Transaction, TransactionKind, understood, uuid_in

SEARCH = "/v1/reporting/transactions"
SPAN = timedelta(days=1)
"""PayPal gives at most 10,000 transactions for one span, and spans of at most 31 days."""
PAGE = 100
PAYMENTS, REFUNDS = "T00", "T1107"
"""What codes of payments to us begin with; the code of a refund that we gave."""
ON_ITS_WAY, DONE = "P", "S"


class Info(Struct):
    transaction_id: Id
    transaction_event_code: str
    transaction_initiation_date: datetime
    transaction_amount: Money
    transaction_status: str
    paypal_reference_id: Annotated[str, Meta(max_length=200)] = ""
    custom_field: str = ""


class Detail(Struct):
    transaction_info: Info


class Page(Struct):
    transaction_details: list[Detail] = field(default_factory=list)
    total_pages: int = 1


async def list_transactions(client: PayPalClient, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
    for first, last in _spans(start, end):
        number, pages = 1, 1
        while number <= pages:
            page = await client.call("GET", f"{SEARCH}?{_query(first, last, number)}", Page)
            for each in understood(page.transaction_details, _transaction):
                if start <= each.happened_at < end:
                    yield each
            number, pages = number + 1, page.total_pages


def _spans(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(end, start + SPAN)
        start += SPAN


def _query(first: datetime, last: datetime, page: int) -> str:
    times = {"start_date": first.isoformat(timespec="seconds"), "end_date": last.isoformat(timespec="seconds")}
    return urlencode({**times, "fields": "transaction_info", "page_size": PAGE, "page": page})


def _transaction(detail: Detail) -> Transaction | None:
    """None for what is neither, and for what did not come about."""
    info = detail.transaction_info
    amount, is_refund = info.transaction_amount, info.transaction_event_code == REFUNDS
    is_charge = info.transaction_event_code.startswith(PAYMENTS) and amount.amount > 0
    if info.transaction_status not in (DONE, ON_ITS_WAY) or not (is_refund or is_charge):
        return None
    if is_charge and info.transaction_status != DONE:
        return None
    ours = info.custom_field
    return Transaction(
        kind=TransactionKind.refund if is_refund else TransactionKind.charge,
        id=uuid_in(ours) if is_charge else uuid_in(ours.removeprefix(REFUND)) if ours.startswith(REFUND) else None,
        reference=info.transaction_id,
        charge_reference=info.paypal_reference_id if is_refund else info.transaction_id,
        amount=abs(amount.amount),
        currency=amount.currency_code,
        happened_at=info.transaction_initiation_date,
        is_done=info.transaction_status == DONE,
    )
