"""Issues what orders wait for, many at once: a handful of statements whatever their number."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.audit import SYSTEM, Entry, record_all
from apps.core.db.bulk import delete_rows, insert_rows, update_rows
from apps.core.db.database import now
from apps.invoices.issuing.drafts import Draft, GivenBack, buyer_of, credit_draft, invoice_draft
from apps.invoices.issuing.numbers import Number, series_of, take_numbers
from apps.invoices.issuing.tax_rates import TaxRates, UnknownRate, tax_rates
from apps.invoices.models import InvoiceKind, Problem
from apps.invoices.repositories import (
    INVOICES,
    REQUESTS,
    invoices_of,
    lines_with_tax_class,
    refunds_with_pieces,
    waiting_requests,
)
from apps.invoices.seller import seller_of
from apps.orders.repositories import LOCK_FREE_ORDERS
from project.settings import InvoiceSettings, settings

AT_ONCE = 500
IS_PAID = ("paid", "refunded")


@dataclass(slots=True)
class Case:
    """An order, its requests, and what there is to write its invoice and credit notes from."""

    order: Any
    requests: list[Any]
    lines: Sequence[Any]
    invoices: list[Any]
    drafts: list[Draft] = field(default_factory=list)
    problem: Problem | None = None

    @property
    def invoice(self) -> Any | None:
        return next((each for each in self.invoices if each.kind == InvoiceKind.invoice), None)


async def issue_waiting(connection: AsyncConnection, invoicing: InvoiceSettings, *, limit: int = AT_ONCE) -> int:
    """How many requests are settled. Orders that others have locked wait for the next time."""
    requests = (await connection.execute(waiting_requests(limit))).all()
    if not requests:
        return 0
    cases = await _cases(connection, requests)
    given = await _given_back(connection, [each.refund_id for each in requests if each.refund_id])
    rates = tax_rates(settings.tax_percent, invoicing.former_tax_percent, invoicing.untaxed)
    for case in cases:
        _write(case, given, rates, invoicing)
    await _number(connection, [draft for case in cases for draft in case.drafts], invoicing)
    return await _settle(connection, cases)


async def _cases(connection: AsyncConnection, requests: Sequence[Any]) -> list[Case]:
    ids = list({each.order_id for each in requests})
    orders = (await connection.execute(LOCK_FREE_ORDERS, {"ids": ids})).all()
    locked = [order.id for order in orders]
    lines = _by_order(await connection.execute(lines_with_tax_class(locked)))
    invoices = _by_order(await connection.execute(invoices_of(locked)))
    asked = _by_order(requests)
    return [Case(order, asked[order.id], lines[order.id], invoices[order.id]) for order in orders]


def _by_order(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


async def _given_back(connection: AsyncConnection, refund_ids: Sequence[UUID]) -> dict[UUID, GivenBack]:
    given: dict[UUID, GivenBack] = {}
    pieces: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in await connection.execute(refunds_with_pieces(refund_ids)):
        if row.order_line_id:
            pieces[row.refund_id][row.order_line_id] = row.quantity
        given[row.refund_id] = GivenBack(row.refund_id, row.amount, pieces[row.refund_id])
    return given


def _write(case: Case, given: Mapping[UUID, GivenBack], rates: TaxRates, invoicing: InvoiceSettings) -> None:
    """The drafts of a case. An order that is free, or came by before there were invoices, has none."""
    if case.invoice is None and any(each.refund_id is None for each in case.requests):
        _write_invoice(case, rates, invoicing)
    if case.invoice is None:
        return
    noted = {each.refund_id for each in case.invoices}
    for request in sorted(case.requests, key=lambda each: each.id):
        if request.refund_id and request.refund_id not in noted:
            noted.add(request.refund_id)
            _write_credit_note(case, given[request.refund_id])


def _write_invoice(case: Case, rates: TaxRates, invoicing: InvoiceSettings) -> None:
    if not case.order.total or case.order.state not in IS_PAID:
        return
    try:
        _add(case, invoice_draft(case.order, case.lines, rates, invoicing.untaxed_reason))
    except UnknownRate:
        case.problem = Problem.tax


def _write_credit_note(case: Case, given: GivenBack) -> None:
    notes = [each for each in case.invoices if each.kind == InvoiceKind.credit_note]
    draft = credit_draft(case.order, case.invoice, notes, given)
    if draft is not None:
        _add(case, draft)


def _add(case: Case, draft: Draft) -> None:
    """What follows in the same case sees it as if it were in the table."""
    case.drafts.append(draft)
    case.invoices.append(
        SimpleNamespace(
            id=draft.id,
            kind=draft.kind,
            refund_id=draft.refund_id,
            total=draft.total,
            lines=msgspec.to_builtins(draft.lines),
            taxes=msgspec.to_builtins(draft.taxes),
        )
    )


async def _number(connection: AsyncConnection, drafts: Sequence[Draft], invoicing: InvoiceSettings) -> None:
    """Invoices before credit notes, which refer to them. From here on the series are locked."""
    moment = await now(connection)
    series = {kind: series_of(kind, moment, invoicing) for kind in InvoiceKind}
    numbers = await take_numbers(connection, Counter(series[draft.kind] for draft in drafts))
    for kind, name in series.items():
        of_kind = [draft for draft in drafts if draft.kind is kind]
        numbered = zip(of_kind, (Number(name, serial) for serial in numbers.get(name, ())), strict=True)
        rows = [_row(draft, number, moment, invoicing) for draft, number in numbered]
        await insert_rows(connection, INVOICES, rows)
        await record_all(connection, [_entry(row) for row in rows], actor=SYSTEM)


def _row(draft: Draft, number: Number, moment: datetime, invoicing: InvoiceSettings) -> dict[str, Any]:
    order, seller = draft.order, seller_of(invoicing)
    return {
        "id": draft.id,
        "created_at": moment,
        "series": number.series,
        "serial": number.serial,
        "number": number.text,
        "kind": draft.kind,
        "order_id": order.id,
        "refers_to": draft.invoice_id,
        "refund_id": draft.refund_id,
        "order_number": order.number,
        "paid_on": _day(order.paid_at),
        "retained_until": date(_day(moment).year + invoicing.years, 12, 31),
        "locale": order.locale,
        "currency": order.currency,
        "net": draft.net,
        "tax": draft.tax,
        "total": draft.total,
        "seller": msgspec.to_builtins(seller),
        "buyer": msgspec.to_builtins(buyer_of(order, country=seller.country)),
        "lines": msgspec.to_builtins(draft.lines),
        "taxes": msgspec.to_builtins(draft.taxes),
    }


def _day(moment: datetime) -> date:
    """By the band's clocks."""
    return moment.astimezone(ZoneInfo(settings.time_zone)).date()


def _entry(row: Mapping[str, Any]) -> Entry:
    after = {"number": row["number"], "kind": row["kind"], "amount": row["total"], "currency": row["currency"]}
    action = "invoices.issue" if row["kind"] is InvoiceKind.invoice else "invoices.credit"
    return Entry(action=action, subject="Order", id=row["order_id"], name=row["order_number"], before={}, after=after)


async def _settle(connection: AsyncConnection, cases: Sequence[Case]) -> int:
    """Requests are gone, or say what stands in their way. How many are gone."""
    done = [{"id": each.id} for case in cases if case.problem is None for each in case.requests]
    await delete_rows(connection, REQUESTS, done)
    stuck = [{"id": each.id, "problem": case.problem} for case in cases if case.problem for each in case.requests]
    await update_rows(connection, REQUESTS, stuck)
    return len(done)
