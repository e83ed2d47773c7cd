"""The fans' page of raffles."""

from litestar import Response, get, post
from sqlalchemy import select

from apps.checkout.limits import CART_CHANGES
from apps.core.http.requests import AnyRequest, Reads
from apps.orders.repositories import OFFERS
from apps.site.cart.cart_forms import add_to_cart
from apps.site.pages import SiteController, site_page
from tests.kinds.raffle.models import Lot


class RafflePageController(SiteController):
    path = "/raffles"

    @get("/")
    async def show(self, request: AnyRequest, reads: Reads) -> Response[str]:
        lots = Lot.table()
        found = select(OFFERS.c.id, OFFERS.c.title).join(lots, lots.c.offer_id == OFFERS.c.id).order_by(OFFERS.c.title)
        return await site_page(request, reads, "raffle/raffles.html", lots=(await reads.execute(found)).all())

    @post("/", limit=CART_CHANGES)
    async def add(self, request: AnyRequest) -> Response[None]:
        return await add_to_cart(request)
