"""All invoices of a month as one ZIP file, written while it is sent: the PDFs, and a table of them."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from io import RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, literal_column, select

from apps.backoffice.lists.csv_lines import BOM, harmless, quoted
from apps.core.db.database import Database
from apps.invoices.files import file_name
from apps.invoices.models import InvoiceKind
from apps.invoices.printing.document import Document
from apps.invoices.printing.pdf import pdf_of
from apps.invoices.reading import documents_between
from apps.invoices.repositories import INVOICES
from project.settings import settings

COLUMNS = ("number", "kind", "issued", "order", "refers_to", "buyer", "currency", "net", "tax", "total")


class _Sink(RawIOBase):
    """What is written and not sent yet; nothing goes back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def months() -> Select[Any]:
    """`month` (its first day, by the band's clocks), and how many `invoices` and `credit_notes` it has; the newest
    first."""
    local = func.timezone(literal_column(f"'{settings.time_zone}'"), INVOICES.c.created_at)
    month = func.date_trunc("month", local).label("month")
    counts = (func.count().filter(INVOICES.c.kind == kind).label(f"{kind.value}s") for kind in InvoiceKind)
    return select(month, *counts).group_by(month).order_by(month.desc())


def month_named(text: str) -> date | None:
    """2026-12; None for what is none."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def month_name(row: Row[Any]) -> str:
    return f"{row.month:%Y-%m}"


async def month_archive(db: Database, month: date) -> AsyncIterator[bytes]:
    """Some PDFs at a time, so that a large month needs no memory."""
    sink = _Sink()
    table = [BOM + _csv_line(COLUMNS)]
    with ZipFile(sink, "w") as archive:
        async for document in documents_between(db, _midnight(month), _midnight(_next(month))):
            archive.writestr(_entry(file_name(document), document), await pdf_of(document), ZIP_STORED)
            table.append(_csv_line(_cells(document)))
            yield sink.take()
        archive.writestr(f"invoices-{month:%Y-%m}.csv", "".join(table), ZIP_DEFLATED)
    yield sink.take()


def _entry(name: str, document: Document) -> ZipInfo:
    issued = document.issued_at.astimezone(ZoneInfo(settings.time_zone))
    return ZipInfo(name, (issued.year, issued.month, issued.day, issued.hour, issued.minute, issued.second))


def _cells(document: Document) -> tuple[str, ...]:
    return (
        document.number,
        document.kind.value,
        document.issued_on.isoformat(),
        document.order_number,
        document.refers_to,
        document.buyer.name if document.buyer else "",
        document.currency,
        *(document.amount(each) for each in (document.net, document.tax, document.total)),
    )


def _csv_line(cells: tuple[str, ...]) -> str:
    return ",".join(quoted(harmless(cell)) for cell in cells) + "\r\n"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.time_zone))


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
