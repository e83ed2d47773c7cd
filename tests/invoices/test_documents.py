"""Each file is a valid Factur-X of EN 16931, and says what was sold, whatever people have typed."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from apps.core.money import included_tax
from apps.invoices.contents import Buyer
from apps.invoices.models import InvoiceKind
from apps.invoices.printing.cii import NAMESPACES, NOT_XML, xml_of
from apps.invoices.printing.glyphs import printable
from apps.invoices.printing.pdf import print_pdf
from tests.invoices.documents import SELLER, Schematron, document, line, schematron, text_of, xml_inside

TAXED = [line(7000, 1118, quantity=2), line(490, 78, title="Shipping")]
MIXED = [*TAXED, line(1900, category="E", percent="0", title="Book")]
MANY = [line(price, included_tax(price, Decimal(19))) for price in range(101, 181)]
EXEMPT = [line(2500, category="E", percent="0")]
DOCUMENTS = {
    "taxed": document(TAXED),
    "two rates": document([*TAXED, line(1070, 70, percent="7")]),
    "mixed": document(MIXED, locale="en"),
    "exempt": document(EXEMPT),
    "zero rated": document([line(2500, category="Z", percent="0")]),
    "not subject": document([line(2500, category="O", percent="0")]),
    "many lines": document(MANY),
    "a free gift beside it": document([*TAXED, line(0)]),
    "yen": document([line(1100, 100, percent="10")], currency="JPY"),
    "credit note": document(
        [line(1000, 160, title="Refund")],
        kind=InvoiceKind.credit_note,
        number="CN-2026-000001",
        refers_to="INV-2026-000042",
    ),
    "nobody known": document(TAXED, buyer=None),
    "without an address": document(TAXED, buyer=Buyer(name="Fan", country="DE")),
}


@pytest.fixture(scope="module")
def rules() -> Iterator[Schematron]:
    with schematron() as rules:
        yield rules


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_valid(name: str, rules: Schematron) -> None:
    pdf = print_pdf(DOCUMENTS[name])
    assert rules.complaints(xml_inside(pdf)) == []
    assert print_pdf(DOCUMENTS[name]) == pdf


def test_the_rules_complain_of_what_is_wrong(rules: Schematron) -> None:
    wrong = xml_of(document(TAXED)).replace(b"<ram:CalculatedAmount>11.96<", b"<ram:CalculatedAmount>99.96<")
    assert any("BR-CO-14" in each for each in rules.complaints(wrong))


def test_a_seller_with_a_tax_number_alone(rules: Schematron) -> None:
    seller = type(SELLER)(**{name: getattr(SELLER, name) for name in SELLER.__struct_fields__} | {"vat_id": ""})
    assert rules.complaints(xml_of(document(TAXED, seller=seller))) == []


def test_people_can_read_it() -> None:
    text = text_of(print_pdf(document(MIXED)))
    for told in ("Анна Каренина", "Невский проспект 1", "Hafenstraße 12", "DE123456789", "INV-2026-000042", "Book"):
        assert told in text
    assert "Счёт" in text
    assert "НДС" in text


HOSTILE = "#evil()[*x*]$ <b>&amp; \\u{41} «Жуть» #{1+1} @ref <label> // /* `raw` שלום"


def test_hostile_text_is_text(rules: Schematron) -> None:
    name = f"{HOSTILE} 🎉\x07\ufffe\u202e {'W' * 10_000}"
    hostile = document([line(1000, 160, title=name)], buyer=Buyer(name=name, line1=name, city=name, country="DE"))
    pdf = print_pdf(hostile)
    xml = xml_inside(pdf)
    assert rules.complaints(xml) == []
    buyer = etree.fromstring(xml).find(".//ram:BuyerTradeParty/ram:Name", NAMESPACES).text
    assert buyer == NOT_XML.sub("\ufffd", name)
    assert "🎉" in buyer
    shown = "".join(text_of(pdf).split())
    for told in ("#evil()[*x*]$<b>&amp;", "«Жуть»", "#{1+1}@ref<label>///*`raw`"):
        assert told in shown
    assert shown.count("W") >= 3 * 10_000


@given(st.text(max_size=300))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_can_be_printed(text: str) -> None:
    print_pdf(document([line(1000, 160, title=text)], buyer=Buyer(name=text or "–", country="DE")))


def test_each_character_that_is_called_printable_has_a_glyph() -> None:
    every = "".join(each for each in map(chr, range(0x20, 0x10000)) if printable(f"a{each}b") == f"a{each}b")
    assert len(every) > 3000
    words = [every[start : start + 20] for start in range(0, len(every), 20)]
    print_pdf(document([line(1000, 160, title=word) for word in words]))
