"""An order as it is told to who has placed it: its number, its lines, and where it is paid."""

import secrets
from collections.abc import Sequence
from typing import Any

from apps.checkout.schemas import OrderLineOut, PlacedOrderOut
from apps.core.security.signing import sign
from apps.core.text.translations import title_in
from apps.orders.models import OrderState
from project.settings import settings

ORDER_KEY = "order"
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8


def order_number() -> str:
    """Eight characters that are not taken for one another when read aloud: 6 · 10¹¹ of them."""
    base = len(NUMBER_ALPHABET)
    number = secrets.randbelow(base**NUMBER_LENGTH)
    return "".join(NUMBER_ALPHABET[number // base**place % base] for place in range(NUMBER_LENGTH))


def placed_out(order: Any, rows: Sequence[Any], *, locale: str) -> PlacedOrderOut:
    """From mappings of an order's and its lines' columns."""
    key = sign(ORDER_KEY, order["id"], order["nonce"])
    url = order_url(order["number"], key)
    return PlacedOrderOut(
        number=order["number"],
        state=order["state"],
        currency=order["currency"],
        lines=[order_line_out(row, locale=locale) for row in rows],
        subtotal=order["subtotal"],
        shipping=order["shipping"],
        tax=order["tax"],
        total=order["total"],
        pay_until=order["pay_until"],
        key=key,
        url=url,
        pay_url=url if order["state"] == OrderState.pending else None,
    )


def order_url(number: str, key: str) -> str:
    return f"{settings.base_url}/orders/{number}?key={key}"


def order_line_out(row: Any, *, locale: str) -> OrderLineOut:
    return OrderLineOut(
        id=row["id"],
        offer=row["offer_id"],
        kind=row["kind"],
        title=title_in(locale, row["title"], row["translations"]),
        quantity=row["quantity"],
        unit_price=row["unit_price"],
        total=row["total"],
        refunded_quantity=row.get("refunded_quantity", 0),
    )
