"""The XML of an invoice: EN 16931 in the syntax of UN/CEFACT (Cross Industry Invoice D22B), as Factur-X has it.

The order of elements is that of the schema. BT and BG numbers are those of the standard's terms.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from lxml import etree

from apps.invoices.contents import Buyer, Line, Seller, Tax
from apps.invoices.printing.document import Document

PROFILE = "urn:cen.eu:en16931:2017"
INVOICE, CREDIT_NOTE = "380", "381"
"""UNTDID 1001."""
PIECE = "C62"
NO_NAME = "–"
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""
Element = Any
"""Of lxml, which has no types."""


def xml_of(document: Document) -> bytes:
    """UTF-8, with its declaration; the same bytes each time."""
    root = etree.Element(_name("rsm:CrossIndustryInvoice"), nsmap=NAMESPACES)
    context = _add(root, "rsm:ExchangedDocumentContext")
    _add(_add(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", PROFILE)
    _head(root, document)
    transaction = _add(root, "rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(document.lines, 1):
        _line(transaction, number, line, document)
    _agreement(transaction, document)
    _delivery(transaction, document)
    _settlement(transaction, document)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _head(root: Element, document: Document) -> None:
    head = _add(root, "rsm:ExchangedDocument")
    _add(head, "ram:ID", document.number)
    _add(head, "ram:TypeCode", CREDIT_NOTE if document.is_credit_note else INVOICE)
    _date(_add(head, "ram:IssueDateTime"), "udt", document.issued_on)
    if document.seller.footer:
        _add(_add(head, "ram:IncludedNote"), "ram:Content", document.seller.footer)


def _line(transaction: Element, number: int, line: Line, document: Document) -> None:
    """BG-25. The price is that of all pieces together, as net prices of one are no whole minor units."""
    item = _add(transaction, "ram:IncludedSupplyChainTradeLineItem")
    _add(_add(item, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(number))
    _add(_add(item, "ram:SpecifiedTradeProduct"), "ram:Name", line.title or NO_NAME)
    price = _add(_add(item, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _add(price, "ram:ChargeAmount", document.amount(line.net))
    _add(price, "ram:BasisQuantity", str(line.quantity), unitCode=PIECE)
    delivery = _add(item, "ram:SpecifiedLineTradeDelivery")
    _add(delivery, "ram:BilledQuantity", str(line.quantity), unitCode=PIECE)
    settlement = _add(item, "ram:SpecifiedLineTradeSettlement")
    tax = _add(settlement, "ram:ApplicableTradeTax")
    _add(tax, "ram:TypeCode", "VAT")
    _rate(tax, line)
    sums = _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _add(sums, "ram:LineTotalAmount", document.amount(line.net))


def _agreement(transaction: Element, document: Document) -> None:
    agreement = _add(transaction, "ram:ApplicableHeaderTradeAgreement")
    is_taxable = all(tax.category != "O" for tax in document.taxes)
    _seller(_add(agreement, "ram:SellerTradeParty"), document.seller, is_taxable=is_taxable)
    buyer = document.buyer or Buyer(name=NO_NAME, country=document.seller.country)
    _buyer(_add(agreement, "ram:BuyerTradeParty"), buyer)
    order = _add(agreement, "ram:SellerOrderReferencedDocument")
    _add(order, "ram:IssuerAssignedID", document.order_number)


def _seller(party: Element, seller: Seller, *, is_taxable: bool) -> None:
    """BG-4. What is not subject to VAT names no VAT id (BR-O-02); BR-CO-26 then asks for another one."""
    vat_id = seller.vat_id if is_taxable else ""
    if not vat_id:
        _add(party, "ram:ID", seller.tax_number or seller.vat_id)
    _add(party, "ram:Name", seller.name)
    if seller.register:
        _add(_add(party, "ram:SpecifiedLegalOrganization"), "ram:ID", seller.register)
    _address(party, seller.postcode, (seller.street,), seller.city, seller.country)
    if seller.email:
        contact = _add(party, "ram:URIUniversalCommunication")
        _add(contact, "ram:URIID", seller.email, schemeID="EM")
    if seller.tax_number and is_taxable:
        _add(_add(party, "ram:SpecifiedTaxRegistration"), "ram:ID", seller.tax_number, schemeID="FC")
    if vat_id:
        _add(_add(party, "ram:SpecifiedTaxRegistration"), "ram:ID", vat_id, schemeID="VA")


def _buyer(party: Element, buyer: Buyer) -> None:
    """BG-7"""
    _add(party, "ram:Name", buyer.name)
    lines = (buyer.line1, buyer.line2)
    _address(party, buyer.postal_code, lines, buyer.city, buyer.country, buyer.region)


def _address(party: Element, postcode: str, lines: tuple[str, ...], city: str, country: str, region: str = "") -> None:
    address = _add(party, "ram:PostalTradeAddress")
    parts = {"PostcodeCode": postcode, **dict(zip(("LineOne", "LineTwo"), lines, strict=False)), "CityName": city}
    for name, text in (*parts.items(), ("CountryID", country), ("CountrySubDivisionName", region)):
        if text:
            _add(address, f"ram:{name}", text)


def _delivery(transaction: Element, document: Document) -> None:
    """BT-72: what is sold is handed over when it is paid."""
    event = _add(_add(transaction, "ram:ApplicableHeaderTradeDelivery"), "ram:ActualDeliverySupplyChainEvent")
    _date(_add(event, "ram:OccurrenceDateTime"), "udt", document.paid_on)


def _settlement(transaction: Element, document: Document) -> None:
    settlement = _add(transaction, "ram:ApplicableHeaderTradeSettlement")
    _add(settlement, "ram:InvoiceCurrencyCode", document.currency)
    for tax in document.taxes:
        _tax(settlement, tax, document)
    sums = _add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    for name, text in _sums(document):
        attributes = {"currencyID": document.currency} if name == "TaxTotalAmount" else {}
        _add(sums, f"ram:{name}", text, **attributes)
    if document.refers_to:
        invoice = _add(settlement, "ram:InvoiceReferencedDocument")
        _add(invoice, "ram:IssuerAssignedID", document.refers_to)


def _tax(settlement: Element, tax: Tax, document: Document) -> None:
    """BG-23"""
    element = _add(settlement, "ram:ApplicableTradeTax")
    _add(element, "ram:CalculatedAmount", document.amount(tax.tax))
    _add(element, "ram:TypeCode", "VAT")
    if tax.reason:
        _add(element, "ram:ExemptionReason", tax.reason)
    _add(element, "ram:BasisAmount", document.amount(tax.net))
    _rate(element, tax)


def _rate(element: Element, taxed: Line | Tax) -> None:
    """What is not subject to VAT has no rate (BR-O-05)."""
    _add(element, "ram:CategoryCode", taxed.category)
    if taxed.category != "O":
        _add(element, "ram:RateApplicablePercent", taxed.percent)


def _sums(document: Document) -> Iterator[tuple[str, str]]:
    """BG-22. All is paid, or goes back the way it came: nothing is due."""
    yield "LineTotalAmount", document.amount(document.net)
    yield "TaxBasisTotalAmount", document.amount(document.net)
    yield "TaxTotalAmount", document.amount(document.tax)
    yield "GrandTotalAmount", document.amount(document.total)
    yield "TotalPrepaidAmount", document.amount(document.total)
    yield "DuePayableAmount", document.amount(0)


def _date(parent: Element, prefix: str, day: date) -> None:
    _add(parent, f"{prefix}:DateTimeString", f"{day:%Y%m%d}", format="102")


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    child = etree.SubElement(parent, _name(name), attrib=attributes)
    if text:
        child.text = NOT_XML.sub("\ufffd", text)
    return child


def _name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
