"""Addresses within the back office."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

PATH = "/admin"
EXPORTS_URL = f"{PATH}/exports"
"""One's own."""


def list_url(identity: str, **query: str) -> str:
    return _url(f"{identity}/list", query)


def row_url(identity: str, row: Any, **query: str) -> str:
    return details_url(identity, row.id, **query)


def details_url(identity: str, id: UUID, **query: str) -> str:
    return _url(f"{identity}/details/{id}", query)


def edit_url(identity: str, row: Any, **query: str) -> str:
    return _url(f"{identity}/edit/{row.id}", query)


def outcome_url(identity: str, id: UUID) -> str:
    return _url(f"{identity}/outcome/{id}", {})


def create_url(identity: str, **query: str) -> str:
    return _url(f"{identity}/create", query)


def action_url(identity: str, action: str, **query: str) -> str:
    return _url(f"{identity}/do/{action}", query)


def export_url(identity: str, **query: str) -> str:
    return _url(f"{identity}/export/csv", query)


def file_url(identity: str, name: str, **query: str) -> str:
    """Of one of the view's `files`."""
    return _url(f"{identity}/file/{name}", query)


def revert_url(identity: str, entries: Sequence[UUID]) -> str:
    """Of changes that entries of the audit log tell of."""
    return f"{PATH}/{identity}/put-back?{urlencode([('entry', str(each)) for each in entries])}"


def _url(path: str, query: Mapping[str, str]) -> str:
    return f"{PATH}/{path}" + (f"?{urlencode(query)}" if query else "")
