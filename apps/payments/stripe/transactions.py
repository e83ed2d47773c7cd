"""Stripe's lists of charges and refunds: https://docs.stripe.com/api/charges/list, /refunds/list."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import stripe

from apps.payments.providers import Transaction, TransactionKind, understood, uuid_in
from apps.payments.stripe import reports
from apps.payments.stripe.client import told_as_ours
from apps.payments.stripe.currencies import from_stripe

PAGE = 100
"""The most that Stripe gives at once."""
ON_ITS_WAY = ("pending", "requires_action")


async def list_transactions(client: stripe.StripeClient, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
    created = {"gte": int(start.timestamp()), "lt": int(end.timestamp())}
    async for charges in _pages(client.v1.charges, created, reports.Charge):
        for each in understood(charges, _charge):
            yield each
    async for refunds in _pages(client.v1.refunds, created, reports.Refund):
        for each in understood(refunds, _refund):
            yield each


async def _pages(service: Any, created: dict[str, int], kind: type[reports.Kind]) -> AsyncIterator[list[reports.Kind]]:
    """The newest first."""
    query: dict[str, Any] = {"created": created, "limit": PAGE}
    has_more = True
    while has_more:
        with told_as_ours():
            page = await service.list_async(query)
            found = [reports.read_object(each.to_dict(), kind) for each in page.data]
            has_more = bool(page.has_more and found)
        yield found
        if found:
            query["starting_after"] = found[-1].id  # type: ignore[attr-defined]


def _charge(charge: reports.Charge) -> Transaction | None:
    """None for money that did not come."""
    if charge.status != "succeeded" or not charge.captured:
        return None
    currency, reference = charge.currency.upper(), charge.payment_intent or charge.id
    return Transaction(
        kind=TransactionKind.charge,
        id=uuid_in((charge.metadata or {}).get(reports.PAYMENT, "")),
        reference=reference,
        charge_reference=reference,
        amount=from_stripe(charge.amount_captured, currency),
        currency=currency,
        happened_at=datetime.fromtimestamp(charge.created, UTC),
    )


def _refund(refund: reports.Refund) -> Transaction | None:
    if refund.status != "succeeded" and refund.status not in ON_ITS_WAY:
        return None
    currency = refund.currency.upper()
    return Transaction(
        kind=TransactionKind.refund,
        id=uuid_in((refund.metadata or {}).get(reports.REFUND, "")),
        reference=refund.id,
        charge_reference=refund.payment_intent or "",
        amount=from_stripe(refund.amount, currency),
        currency=currency,
        happened_at=datetime.fromtimestamp(refund.created, UTC),
        is_done=refund.status == "succeeded",
    )
