"""Addresses within the back office."""

from typing import Any
from urllib.parse import urlencode

PATH = "/admin"


def list_place(identity: str, **query: str) -> str:
    return f"{PATH}/{identity}/list" + (f"?{urlencode(query)}" if query else "")


def row_place(identity: str, row: Any, **query: str) -> str:
    return f"{PATH}/{identity}/details/{row.id}" + (f"?{urlencode(query)}" if query else "")


def create_place(identity: str) -> str:
    return f"{PATH}/{identity}/create"


def export_place(identity: str) -> str:
    return f"{PATH}/{identity}/export/csv"
