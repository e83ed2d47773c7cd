"""The orders of who is signed in, each with the link that opens it."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.current_user import CurrentUser
from apps.checkout.order_view import ORDER_KEY
from apps.core.db.keyset import page_by_key
from apps.core.http.pagination import Page
from apps.core.security.signing import sign
from apps.invoices.repositories import numbers_of_invoices
from apps.orders.listing import NEWEST_ORDERS, OwnOrders, is_own, listed, orders_listed
from apps.orders.schemas import OrderListedOut
from apps.site.orders.order_links import invoice_path, order_path

ORDERS_A_PAGE = 20


class OwnOrder(OrderListedOut):
    """`path`: the page of the order; `invoices`: by their numbers, where the PDF of each is."""

    path: str
    invoices: dict[str, str]


async def own_orders(reads: AsyncConnection, visitor: CurrentUser, *, locale: str, after: str) -> Page[OwnOrder]:
    """The newest first: one query. Raises BadCursor."""

    def item(row: Row[Any]) -> OwnOrder:
        key = sign(ORDER_KEY, row.id, row.nonce)
        invoices = {invoice: invoice_path(row.number, invoice, key) for invoice in row.invoices}
        return OwnOrder(**listed(row, locale), path=order_path(row.number, key), invoices=invoices)

    query = OwnOrders(visitor.id)
    found = orders_listed().add_columns(numbers_of_invoices()).where(is_own(query))
    return await page_by_key(reads, found, NEWEST_ORDERS, item, query=query, limit=ORDERS_A_PAGE, after=after or None)
