"""What came of an order's lines, as the API tells it."""

from typing import Any


def tickets_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in order["parts"] if part["kind"] == "ticket"]


def shipments_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in order["parts"] if part["kind"] == "merch"]
