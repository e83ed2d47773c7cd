"""What is printed on an invoice, in the language of its order: every text of it, ready to be set."""

from collections.abc import Iterator, Mapping
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from apps.core.money import format_money
from apps.core.text.countries import country_name
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.invoices.contents import Buyer, Seller, Tax
from apps.invoices.printing.document import Document
from apps.invoices.printing.glyphs import printable

LABELS: Mapping[str, Lazy] = {
    "item": _("Item"),
    "quantity": _("Quantity"),
    "price": _("Price"),
    "rate": _("VAT"),
    "amount": _("Amount"),
    "to": _("Bill to"),
    "net": _("Net amount"),
    "total": _("Total"),
    "page": _("Page"),
}
INVOICE, CREDIT_NOTE = _("Invoice"), _("Credit note")
NO_BUYER = _("Deleted after the retention period")
WITH_TAX = _("Prices and amounts of the items include VAT.")
PAID, GOES_BACK = _("Paid in full. Nothing is due."), _("The amount is returned the way it was paid.")


def words_of(document: Document) -> dict[str, Any]:
    """For invoice.typ: texts alone."""
    locale = document.locale
    title = (CREDIT_NOTE if document.is_credit_note else INVOICE).in_locale(locale)
    return {
        "locale": locale,
        "year": document.issued_on.year,
        "month": document.issued_on.month,
        "day": document.issued_on.day,
        "title": title,
        "number": document.number,
        "labels": {name: label.in_locale(locale) for name, label in LABELS.items()},
        "seller": [printable(line) for line in _seller(document.seller, locale)],
        "buyer": [printable(line) for line in _buyer(document.buyer, document.seller, locale)],
        "facts": [[label.in_locale(locale), printable(text)] for label, text in _facts(document)],
        "lines": [[printable(cell) for cell in line] for line in _lines(document)],
        "net": _money(document, document.net),
        "taxes": [[printable(label), _money(document, tax.tax)] for tax, label in _taxes(document)],
        "total": _money(document, document.total),
        "notes": [printable(note) for note in _notes(document)],
        "footer": printable(document.seller.footer),
    }


def _seller(seller: Seller, locale: str) -> Iterator[str]:
    yield seller.name
    yield seller.street
    yield f"{seller.postcode} {seller.city}".strip()
    yield country_name(seller.country, locale)
    for label, text in (
        (_("VAT ID"), seller.vat_id),
        (_("Tax number"), seller.tax_number),
        (_("Register"), seller.register),
    ):
        if text:
            yield f"{label.in_locale(locale)}: {text}"
    if seller.email:
        yield seller.email


def _buyer(buyer: Buyer | None, seller: Seller, locale: str) -> Iterator[str]:
    if buyer is None:
        yield NO_BUYER.in_locale(locale)
        return
    yield from filter(None, (buyer.name, buyer.line1, buyer.line2))
    if buyer.city:
        yield f"{buyer.postal_code} {buyer.city}".strip()
        yield from filter(None, (buyer.region,))
        yield country_name(buyer.country, locale)


def _facts(document: Document) -> Iterator[tuple[Lazy, str]]:
    locale = document.locale
    yield _("Number"), document.number
    yield _("Date of issue"), format_date(document.issued_on, "long", locale=locale)
    if document.refers_to:
        yield _("For invoice"), document.refers_to
    yield _("Order"), document.order_number
    if not document.is_credit_note:
        yield _("Paid on"), format_date(document.paid_on, "long", locale=locale)


def _lines(document: Document) -> Iterator[tuple[str, ...]]:
    for line in document.lines:
        yield (
            line.title,
            format_decimal(line.quantity, locale=document.locale),
            _money(document, line.unit_price),
            _percent(line.percent, document.locale),
            _money(document, line.total),
        )


def _taxes(document: Document) -> Iterator[tuple[Tax, str]]:
    """“VAT 19 % of €100.00”; without tax, why there is none."""
    for tax in document.taxes:
        if tax.reason:
            yield tax, tax.reason
            continue
        told = _("VAT {percent} of {net}").in_locale(document.locale)
        yield tax, told.format(percent=_percent(tax.percent, document.locale), net=_money(document, tax.net))


def _percent(percent: str, locale: str) -> str:
    return f"{format_decimal(percent, locale=locale)}\xa0%"


def _notes(document: Document) -> Iterator[str]:
    if document.tax:
        yield WITH_TAX.in_locale(document.locale)
    yield (GOES_BACK if document.is_credit_note else PAID).in_locale(document.locale)


def _money(document: Document, amount: int) -> str:
    return format_money(amount, document.currency, locale=document.locale)
