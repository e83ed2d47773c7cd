"""Addresses within the back office."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

PATH = "/admin"


def list_place(identity: str, **query: str) -> str:
    return _place(f"{identity}/list", query)


def row_place(identity: str, row: Any, **query: str) -> str:
    return details_place(identity, row.id, **query)


def details_place(identity: str, id: UUID, **query: str) -> str:
    return _place(f"{identity}/details/{id}", query)


def edit_place(identity: str, row: Any, **query: str) -> str:
    return _place(f"{identity}/edit/{row.id}", query)


def outcome_place(identity: str, id: UUID) -> str:
    return _place(f"{identity}/outcome/{id}", {})


def create_place(identity: str, **query: str) -> str:
    return _place(f"{identity}/create", query)


def action_place(identity: str, action: str, **query: str) -> str:
    return _place(f"{identity}/do/{action}", query)


def export_place(identity: str, **query: str) -> str:
    return _place(f"{identity}/export/csv", query)


def put_back_place(identity: str, entries: Sequence[UUID]) -> str:
    """Of changes that entries of the trail tell of."""
    return f"{PATH}/{identity}/put-back?{urlencode([('entry', str(each)) for each in entries])}"


def _place(path: str, query: Mapping[str, str]) -> str:
    return f"{PATH}/{path}" + (f"?{urlencode(query)}" if query else "")
