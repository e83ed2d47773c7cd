"""A cart and its lines as a batch reads, changes and writes them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row


@dataclass(slots=True)
class LineState:
    id: UUID
    offer_id: UUID
    quantity: int
    price: int | None


@dataclass(slots=True)
class CartState:
    id: UUID
    currency: str
    locale: str
    created_at: datetime
    held_since: datetime | None = None
    expires_at: datetime | None = None
    placed: bool = False
    user_id: UUID | None = None
    trimmed: bool = False
    lines: dict[UUID, LineState] = field(default_factory=dict)


def read_cart(row: Row[Any]) -> CartState:
    fields = (row.id, row.currency, row.locale, row.created_at, row.held_since, row.expires_at, row.placed)
    return CartState(*fields, user_id=row.user_id, trimmed=row.trimmed)


def read_line(row: Row[Any]) -> LineState:
    return LineState(row.id, row.offer_id, row.quantity, row.price)


def line_row(cart_id: UUID, line: LineState) -> dict[str, Any]:
    return {
        "id": line.id,
        "cart_id": cart_id,
        "offer_id": line.offer_id,
        "quantity": line.quantity,
        "price": line.price,
    }
