"""Invoices written straight into the table."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4


def row(order: UUID, series: str, serial: int, **facts: Any) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "series": series,
        "serial": serial,
        "number": f"{series}-{serial:06}",
        "kind": "invoice",
        "order_id": order,
        "refers_to": None,
        "refund_id": None,
        "order_number": "ORDER",
        "paid_on": date(2026, 12, 1),
        "retained_until": date(2036, 12, 31),
        "locale": "en",
        "currency": "EUR",
        "net": 1000,
        "tax": 0,
        "total": 1000,
        "seller": {},
        "buyer": {"name": "Fan"},
        "lines": [],
        "taxes": [],
        **facts,
    }
