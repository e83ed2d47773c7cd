"""What became of a cart, and where the page of an order is."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.order_view import ORDER_KEY
from apps.core.security.signing import sign
from apps.orders.repositories import CartRef, orders_of_carts
from apps.payments.providers import page_origins
from apps.site.pages import own_address


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    number: str
    path: str


async def order_of_cart(reads: AsyncConnection, cart: CartRef) -> PlacedOrder | None:
    """What became of a cart that was placed: its owner still holds the cart, and may see the order.

    Of somebody who was signed in then, they alone.
    """
    if cart.id is None:
        return None
    order = (await reads.execute(orders_of_carts([cart.id]))).one_or_none()
    if order is None or order.user_id not in (None, cart.user_id):
        return None
    return PlacedOrder(order.number, order_path(order.number, sign(ORDER_KEY, order.id, order.nonce)))


def order_path(number: str, key: str) -> str:
    return f"/orders/{number}?key={key}"


def invoice_path(number: str, invoice: str, key: str) -> str:
    return f"/orders/{number}/invoices/{invoice}?key={key}"


def followed_address(pay_url: str) -> str | None:
    """Where a form's redirect to the page to pay at leads; None where the policy of the order's page lets none go."""
    address, parts = own_address(pay_url), urlsplit(pay_url)
    is_allowed = address != pay_url or f"{parts.scheme}://{parts.netloc}" in page_origins()
    return address if is_allowed else None
