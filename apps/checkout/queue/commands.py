"""Commands of the checkout queue: add a cart line, change one, join carts, place an order."""

from typing import Any, ClassVar
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from apps.core.http.idempotency import RequestKey


class WantedLine(msgspec.Struct, frozen=True):
    offer_id: UUID
    quantity: int
    price: int | None


class AddLine(msgspec.Struct, frozen=True):
    """Put something into a cart; without a cart, or with one that was placed, a new one begins.

    `network` is whose share counts what is held; None: nobody's. Of a user who is signed in it is their own cart, and
    the one that is named becomes part of it.
    """

    key: RequestKey
    cart_id: UUID | None
    wanted: WantedLine
    currency: str
    locale: str
    network: int | None
    user_id: UUID | None = None


class ChangeLine(msgspec.Struct, frozen=True):
    """`quantity` 0 takes the line out. Without a cart it is of the user's own."""

    key: RequestKey
    cart_id: UUID | None
    line_id: UUID
    quantity: int
    locale: str
    network: int | None
    user_id: UUID | None = None


class JoinCarts(msgspec.Struct, frozen=True):
    """Make the cart that is named the user's; the one that they have already takes it in."""

    network: ClassVar[None] = None

    key: RequestKey
    cart_id: UUID | None
    locale: str
    user_id: UUID


class PlaceOrder(msgspec.Struct, frozen=True):
    """Turn a cart, or `lines`, into an order. `address` None: merch is picked up. `user_id`: who is signed in.

    Without a cart and lines it is the user's own cart. `order_id` is the order's, unless the cart has one already.
    """

    key: RequestKey
    cart_id: UUID | None
    lines: tuple[WantedLine, ...]
    email: str
    name: str
    ships: bool
    address: dict[str, Any] | None
    currency: str
    locale: str
    expected_total: int | None
    network: int | None
    user_id: UUID | None = None
    order_id: UUID = msgspec.field(default_factory=uuid7)

    @property
    def customers(self) -> tuple[str, ...]:
        """As whom its customer is known."""
        return (self.email, str(self.user_id)) if self.user_id else (self.email,)


class PlaceCompOrder(PlaceOrder, frozen=True):
    """The same free of charge, by the band itself: neither sale windows nor limits bind it."""


Command = AddLine | ChangeLine | JoinCarts | PlaceOrder


def wanted_lines(command: Command) -> tuple[WantedLine, ...]:
    """The lines that it names itself, beside those of its cart."""
    match command:
        case AddLine():
            return (command.wanted,)
        case PlaceOrder():
            return command.lines
        case _:
            return ()


def own_cart_of(command: Command) -> UUID | None:
    """The user whose own cart it is about, beside the one that it names."""
    if isinstance(command, PlaceOrder) and (command.lines or command.cart_id):
        return None
    return command.user_id
