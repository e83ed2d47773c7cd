"""Our books beside a provider's own list: the network, reads of our books, then one transaction."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.models import PaymentState
from apps.payments.providers import (
    NoTransactions,
    NotUnderstood,
    PaymentGone,
    Provider,
    ProviderRefused,
    Transaction,
    TransactionKind,
    provider_named,
)
from apps.payments.reconciliation.comparing import Booked, Compared, compare, done_between, missing_there
from apps.payments.reconciliation.differences import keep

log = structlog.get_logger(__name__)
AT_ONCE = 500
MARGIN = timedelta(days=1)
"""The provider's clock and its moment for a thing are others than ours."""
MOST = 200_000
"""Transactions that are compared in one run."""
MOST_ASKED = 100
"""Charges that are not in the list, and are asked for one by one."""


class TooManyTransactions(AppError):
    status = 409
    type = "too-many-transactions"
    message = _("These are too many transactions for one comparison. Please choose a shorter time.")


@dataclass(slots=True)
class Reconciled:
    """What was compared: how many transactions, minor units by currency by both, what does not agree."""

    provider: str
    transactions: int = 0
    here: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    differences: list[Compared] = field(default_factory=list)

    def add(self, compared: Compared) -> None:
        sign = 1 if compared.kind is TransactionKind.charge else -1
        self.here[compared.currency] += sign * (compared.here or 0)
        self.there[compared.currency] += sign * (compared.there or 0)
        self.transactions += 1
        if compared.problem:
            self.differences.append(compared)


async def reconcile(db: Database, name: str, start: datetime, end: datetime) -> Reconciled:
    """Compare what happened from `start` to before `end`, and keep the differences; those that are gone, say so.

    Raises ProviderUnknown, NoTransactions, ProviderDown, ProviderRefused, NotUnderstood, TooManyTransactions.
    """
    provider = provider_named(name)
    if not provider.capabilities.lists_transactions:
        raise NoTransactions(provider=name)
    async with db.reads() as connection:
        began = await now(connection)
    result, seen = Reconciled(name), set[UUID]()
    async for some in _chunks(provider.list_transactions(start - MARGIN, end + MARGIN)):
        async with db.reads() as connection:
            compared, known = await compare(connection, name, some)
        seen |= known
        for each in compared:
            if start <= each.moment < end:
                result.add(each)
    async with db.reads() as connection:
        booked = await done_between(connection, name, start, end)
    for missing in await _really_missing(provider, [each for each in booked if each.id not in seen]):
        result.add(missing_there(missing))
    async with db.begin() as session:
        await keep(session, name, result.differences, start=start, end=end, began=began)
    log.info("payments.reconciled", provider=name, transactions=result.transactions, wrong=len(result.differences))
    return result


async def _chunks(transactions: AsyncIterator[Transaction]) -> AsyncIterator[Sequence[Transaction]]:
    chunk: list[Transaction] = []
    number = 0
    async for each in transactions:
        chunk.append(each)
        number += 1
        if number > MOST:
            raise TooManyTransactions
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _really_missing(provider: Provider, booked: Sequence[Booked]) -> list[Booked]:
    """A charge that began long before it was paid is listed elsewhere: asked for by itself, it is there."""
    missing = []
    for number, each in enumerate(booked):
        is_asked = each.kind is TransactionKind.charge and number < MOST_ASKED
        if not is_asked or not await _is_there(provider, each):
            missing.append(each)
    return missing


async def _is_there(provider: Provider, booked: Booked) -> bool:
    try:
        report = await provider.fetch(booked.payment_reference or "")
    except (PaymentGone, NotUnderstood, ProviderRefused):
        return False
    theirs = report.state, report.captured, report.currency
    return theirs == (PaymentState.confirmed, booked.amount, booked.currency)
