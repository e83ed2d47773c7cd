"""An order and its lines as placing makes them, in memory until the batch is written."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Row

from apps.checkout.queue.commands import PlaceOrder
from apps.orders.models import OrderState
from apps.orders.quote import PricedLine, Quote
from apps.orders.repositories import OfferTerms
from project.settings import settings

PAY_WINDOW = timedelta(minutes=settings.pay_minutes)
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of `orders` that placing fills."""

    id: UUID
    created_at: datetime
    number: str
    nonce: bytes
    cart_id: UUID | None
    user_id: UUID | None
    state: OrderState
    email: str
    name: str
    address: dict[str, Any] | None
    locale: str
    currency: str
    subtotal: int
    shipping: int
    tax: int
    total: int
    pay_until: datetime
    paid_at: datetime | None


class NewOrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of `order_line` that placing fills."""

    refunded_quantity: ClassVar[int] = 0

    id: UUID
    order_id: UUID
    offer_id: UUID
    position: int
    kind: str
    title: str
    translations: dict[str, dict[str, str]]
    quantity: int
    unit_price: int
    total: int
    tax: int


AnyOrder = NewOrder | Row[Any]
"""Made in this batch, or read from the database: both are read by attribute."""
AnyOrderLine = NewOrderLine | Row[Any]


class PlacedOrder(NamedTuple):
    order: AnyOrder
    lines: Sequence[AnyOrderLine]


def new_order(command: PlaceOrder, sums: Quote, *, cart_id: UUID | None, currency: str, at: datetime) -> NewOrder:
    return NewOrder(
        id=command.order_id,
        created_at=at,
        number=order_number(),
        nonce=secrets.token_bytes(8),
        cart_id=cart_id,
        user_id=command.user_id,
        state=OrderState.pending if sums.total else OrderState.paid,
        email=command.email,
        name=command.name,
        address=command.address,
        locale=command.locale,
        currency=currency,
        subtotal=sums.subtotal,
        shipping=sums.shipping,
        tax=sums.tax,
        total=sums.total,
        pay_until=at + PAY_WINDOW,
        paid_at=None if sums.total else at,
    )


def order_number() -> str:
    """Eight characters that are not taken for one another when read aloud: 6 · 10¹¹ of them."""
    base = len(NUMBER_ALPHABET)
    number = secrets.randbelow(base**NUMBER_LENGTH)
    return "".join(NUMBER_ALPHABET[number // base**digit % base] for digit in range(NUMBER_LENGTH))


def new_order_lines(order: NewOrder, priced: Mapping[UUID, PricedLine], sums: Quote) -> list[NewOrderLine]:
    """`priced` is by the line's id, in the order of `sums`."""
    return [
        NewOrderLine(
            id=id,
            order_id=order.id,
            offer_id=line.offer.id,
            position=position,
            kind=line.offer.kind,
            title=line.offer.title,
            translations=_titles(line.offer),
            quantity=line.quantity,
            unit_price=line.unit_price,
            total=line_sums.total,
            tax=line_sums.tax,
        )
        for position, ((id, line), line_sums) in enumerate(zip(priced.items(), sums.lines, strict=True))
    ]


def _titles(offer: OfferTerms) -> dict[str, dict[str, str]]:
    """By language, other than the main one."""
    return {locale: {"title": texts["title"]} for locale, texts in offer.translations.items() if texts.get("title")}
