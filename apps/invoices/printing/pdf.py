"""The PDF of an invoice: PDF/A-3 by typst with the XML inside, and the metadata by which it is Factur-X.

It is made anew on each ask from the row, which never changes; the same row gives the same bytes.
"""

import asyncio
from datetime import UTC
from functools import cache
from io import BytesIO
from pathlib import Path

import msgspec
import typst
from lxml import etree
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from apps.invoices.printing.cii import xml_of
from apps.invoices.printing.document import Document
from apps.invoices.printing.words import words_of

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "invoices" / "invoice.typ"
FACTUR_X = Path(__file__).resolve().parents[1] / "templates" / "invoices" / "factur-x.xmp"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
AT_ONCE = 2
"""In a process: each takes a core for some hundredths of a second."""


class CannotBePrinted(Exception):
    """typst refused it, or broke."""


@cache
def _places() -> dict[asyncio.AbstractEventLoop, asyncio.Semaphore]:
    return {}


async def pdf_of(document: Document) -> bytes:
    """Off the event loop. Raises CannotBePrinted."""
    loop = asyncio.get_running_loop()
    async with _places().setdefault(loop, asyncio.Semaphore(AT_ONCE)):
        return await asyncio.to_thread(print_pdf, document)


def print_pdf(document: Document) -> bytes:
    """Raises CannotBePrinted."""
    data = {**words_of(document), "xml": xml_of(document).decode()}
    return _as_factur_x(_typeset(msgspec.json.encode(data).decode(), document))


def _typeset(data: str, document: Document) -> bytes:
    """Nothing in the data is markup, and nothing is read but the template."""
    try:
        made: bytes = typst.compile(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            sys_inputs={"data": data},
            ignore_system_fonts=True,
            pdf_standards=["a-3b"],
            timestamp=int(document.issued_at.astimezone(UTC).timestamp()),
        )
    except BaseException as error:  # a panic of Rust is no Exception
        raise CannotBePrinted(document.number) from error
    return made


def _as_factur_x(pdf: bytes) -> bytes:
    """Says in the metadata which attachment is the invoice, and of which profile (Factur-X 1.0, 6.2)."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    writer.pdf_header = "%PDF-1.7"
    metadata = writer.root_object["/Metadata"].get_object()
    assert isinstance(metadata, StreamObject)
    packet = etree.fromstring(metadata.get_data())
    rdf = packet.find(f".//{RDF}")
    assert rdf is not None
    rdf.extend(etree.fromstring(FACTUR_X.read_bytes()))
    plain = StreamObject()
    plain.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    plain.set_data(etree.tostring(packet, encoding="UTF-8"))
    writer.root_object[NameObject("/Metadata")] = writer._add_object(plain)
    result = BytesIO()
    writer.write(result)
    return result.getvalue()
