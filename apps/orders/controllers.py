"""The orders of who is signed in, over the API."""

from litestar import Controller, get

from apps.accounts.guards import CurrentUserDep, signed_in
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.requests import PERSONAL, AnyRequest, Reads, locale_of
from apps.orders.listing import OwnOrders, list_own_orders
from apps.orders.schemas import OrderListedOut


class OwnOrderController(Controller):
    path = "/api/v1/me/orders"
    tags = ["Account"]
    guards = [signed_in]
    cache_control = PERSONAL

    @get("/", operation_id="listMyOrders", responses=problems(BadCursor))
    async def list(
        self, request: AnyRequest, reads: Reads, current_user: CurrentUserDep, limit: PageSize = 20, after: After = None
    ) -> Page[OrderListedOut]:
        """What you have ordered, the newest first: signed in, and as a guest with the address that you have confirmed.

        Each is shown by `/orders/{number}`.
        """
        query = OwnOrders(current_user.id)
        return await list_own_orders(reads, query, locale=locale_of(request), limit=limit, after=after)
