"""What can be given away, to be chosen by name: variants, and ticket types with the place and day of their concert."""

from typing import Any

from sqladmin.authorization import Action
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectin_polymorphic, selectinload

from apps.backoffice.lists.pages import Order as Sorted
from apps.backoffice.views import View
from apps.checkout.permissions import OrderPermission
from apps.concerts.admin.common import OCCASION
from apps.concerts.models import Concert, ConcertState, TicketType
from apps.concerts.scheduling.programme import occasion
from apps.core.db.bulk import found_by
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from apps.orders.models import Offer
from apps.shop.models import Product, Variant


class OfferAdmin(View, model=Offer):
    name, name_plural, in_menu = _("Ticket or variant"), _("Tickets and variants"), False
    permissions = {Action.LIST: OrderPermission.ORDERS_COMP}
    column_list = ["title"]
    column_labels = {"title": _("Title")}
    orders = {"title": Sorted(Offer.title, str)}
    search_help = _("Title, place or town")

    def scope(self) -> Select[Any]:
        concert = selectinload(TicketType.concert).selectinload(Concert.venue)
        return select(Offer).options(selectin_polymorphic(Offer, [TicketType, Variant]), concert)

    def scope_of_list(self, found: Select[Any], asked: Any) -> Select[Any]:
        """What can still be had: no concert that is over, or called off, and no product in the archive."""
        over = or_(
            Concert.starts_at < func.now(), Concert.state == ConcertState.cancelled, Concert.archived_at.is_not(None)
        )
        dead = select(TicketType.offer_id).join(Concert, Concert.id == TicketType.concert_id).where(over)
        archived = select(Variant.offer_id).join(Product, Product.id == Variant.product_id)
        away = archived.where(Product.archived_at.is_not(None))
        return super().scope_of_list(found, asked).where(Offer.id.not_in(dead), Offer.id.not_in(away))

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        there = select(TicketType.id).join(TicketType.concert).join(Concert.venue)
        there = there.where(contain(words, TicketType.title + " · " + OCCASION))
        return found.where(or_(contain(words, Offer.title), found_by(Offer.id, there)))

    def label(self, row: Offer) -> str:
        if not isinstance(row, TicketType):
            return row.title
        return f"{row.title} · {occasion(row.concert.starts_at, row.concert.venue)}"
