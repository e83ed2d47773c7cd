"""Invoices and credit notes before they have numbers: what they say of an order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from apps.core.text.i18n import lazy as _
from apps.core.text.translations import title_in
from apps.invoices.contents import Buyer, Line, Tax, taxes_of
from apps.invoices.issuing.credits import credited_lines
from apps.invoices.issuing.tax_rates import TaxRates
from apps.invoices.models import InvoiceKind
from apps.orders.quote import STANDARD

SHIPPING = _("Shipping")
PARTIAL_REFUND = _("Refund")
CUSTOMER = _("Customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """With the `id` that it will have; `invoice_id` and `refund_id` are those of a credit note."""

    kind: InvoiceKind
    order: Any
    lines: Sequence[Line]
    taxes: Sequence[Tax]
    invoice_id: UUID | None = None
    refund_id: UUID | None = None
    id: UUID = field(default_factory=uuid7)

    @property
    def net(self) -> int:
        return sum(each.net for each in self.taxes)

    @property
    def tax(self) -> int:
        return sum(each.tax for each in self.taxes)

    @property
    def total(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund that payments know by `id`: how much, and how many pieces of which order line."""

    id: UUID
    amount: int
    pieces: Mapping[UUID, int]


def invoice_draft(order: Any, lines: Sequence[Any], rates: TaxRates, reason: str) -> Draft:
    """`lines` come with the tax class of their offers. Raises UnknownRate."""
    written = [*_lines(order, lines, rates), *_shipping(order, lines, rates)]
    return Draft(kind=InvoiceKind.invoice, order=order, lines=written, taxes=taxes_of(written, reason))


def _lines(order: Any, lines: Sequence[Any], rates: TaxRates) -> Iterator[Line]:
    for line in lines:
        rate = rates.rate_of(line.total, line.tax, is_taxed=line.tax_class == STANDARD)
        yield Line(
            title=title_in(order.locale, line.title, line.translations),
            quantity=line.quantity,
            unit_price=line.unit_price,
            total=line.total,
            tax=line.tax,
            category=rate.category,
            percent=rate.percent,
            order_line=line.id,
        )


def _shipping(order: Any, lines: Sequence[Any], rates: TaxRates) -> Iterator[Line]:
    """One line, where it was charged; its tax is what the lines leave of the order's."""
    if not order.shipping:
        return
    tax = order.tax - sum(line.tax for line in lines)
    rate = rates.rate_of(order.shipping, tax, is_taxed=True)
    yield Line(
        title=SHIPPING.in_locale(order.locale),
        quantity=1,
        unit_price=order.shipping,
        total=order.shipping,
        tax=tax,
        category=rate.category,
        percent=rate.percent,
    )


def credit_draft(order: Any, invoice: Any, notes: Sequence[Any], given: GivenBack) -> Draft | None:
    """None where a credit note stands for this money already: that of a refund which failed.

    `invoice` is the order's, `notes` its credit notes so far: rows, or what is made of a draft by `written`.
    """
    amount = min(given.amount, order.refunded - sum(note.total for note in notes))
    if amount <= 0:
        return None
    invoiced = msgspec.convert(invoice.lines, list[Line])
    credited = [tax for note in notes for tax in msgspec.convert(note.taxes, list[Tax])]
    title = PARTIAL_REFUND.in_locale(order.locale)
    lines = credited_lines(invoiced, credited, amount=amount, pieces=given.pieces, title=title)
    reason = next((tax["reason"] for tax in invoice.taxes if tax.get("reason")), "")
    return Draft(
        kind=InvoiceKind.credit_note,
        order=order,
        lines=lines,
        taxes=taxes_of(lines, reason),
        invoice_id=invoice.id,
        refund_id=given.id,
    )


def buyer_of(order: Any, *, country: str) -> Buyer:
    """Who ordered; `country` is where an order without an address was sold."""
    name = order.name.strip() or order.email or CUSTOMER.in_locale(order.locale)
    return Buyer(name=name, **{"country": country, **(order.address or {})})
