"""How the PDF of an invoice is sent."""

from collections.abc import Mapping

from apps.invoices.printing.document import Document

PDF = "application/pdf"


def file_name(document: Document) -> str:
    """INV-2026-000042.pdf"""
    return f"{document.number}.pdf"


def file_headers(document: Document) -> Mapping[str, str]:
    return {
        "Content-Disposition": f'inline; filename="{file_name(document)}"',
        "Cache-Control": "private, no-store, no-transform",
        "ETag": f'"{document.number}"',
        "X-Content-Type-Options": "nosniff",
    }
