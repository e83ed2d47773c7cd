"""API schemas of invoices. Amounts are minor units of `currency`."""

from msgspec import Struct

from apps.core.text.datetimes import AwareDatetime
from apps.invoices.models import InvoiceKind


class InvoiceOut(Struct, kw_only=True):
    """`total` = `net` + `tax`; `refers_to` is the number of the invoice that a credit note is about."""

    number: str
    kind: InvoiceKind
    issued_at: AwareDatetime
    order: str
    refers_to: str | None
    currency: str
    net: int
    tax: int
    total: int


class InvoiceFoundOut(InvoiceOut, kw_only=True):
    """`buyer` is the name on it; empty once it was forgotten."""

    buyer: str
