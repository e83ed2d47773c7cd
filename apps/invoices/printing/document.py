"""An invoice as it is read from its row, for everything that prints it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.numbers import get_currency_precision

from apps.invoices.contents import Buyer, Line, Seller, Tax
from apps.invoices.models import InvoiceKind
from project.settings import settings


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """`refers_to` is the number of the invoice that a credit note is about, `buyer` None once it was forgotten."""

    number: str
    kind: InvoiceKind
    issued_at: datetime
    refers_to: str
    order_number: str
    paid_on: date
    locale: str
    currency: str
    net: int
    tax: int
    total: int
    seller: Seller
    buyer: Buyer | None
    lines: list[Line]
    taxes: list[Tax]

    @property
    def issued_on(self) -> date:
        """By the band's clocks."""
        return self.issued_at.astimezone(ZoneInfo(settings.time_zone)).date()

    @property
    def is_credit_note(self) -> bool:
        return self.kind is InvoiceKind.credit_note

    def amount(self, minor: int) -> str:
        """As programs read it: 1990 → 19.90"""
        return f"{Decimal(minor).scaleb(-get_currency_precision(self.currency)):f}"


def document_of(row: Any, *, refers_to: str = "") -> Document:
    """From the columns of an invoice."""
    return Document(
        number=row.number,
        kind=row.kind,
        issued_at=row.created_at,
        refers_to=refers_to,
        order_number=row.order_number,
        paid_on=row.paid_on,
        locale=row.locale,
        currency=row.currency,
        net=row.net,
        tax=row.tax,
        total=row.total,
        seller=msgspec.convert(row.seller, Seller),
        buyer=msgspec.convert(row.buyer, Buyer) if row.buyer else None,
        lines=msgspec.convert(row.lines, list[Line]),
        taxes=msgspec.convert(row.taxes, list[Tax]),
    )
