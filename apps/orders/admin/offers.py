"""Offers that a comp order can contain, found by autocompletion."""

from typing import Any

from sqladmin.authorization import Action as Access
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectin_polymorphic

from apps.backoffice.lists.pages import Sort
from apps.backoffice.views.base import View
from apps.core.db.bulk import found_by
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from apps.orders.kinds.fulfilment import fulfilment_of, fulfilments
from apps.orders.models import Offer
from apps.orders.permissions import OrderPermission


class OfferAdmin(View, model=Offer):
    name, name_plural, in_menu = _("Ticket or variant"), _("Tickets and variants"), False
    permissions = {Access.LIST: OrderPermission.ORDERS_COMP}
    column_list = ["title"]
    column_labels = {"title": _("Title")}
    sorts = {"title": Sort(Offer.title, str)}
    search_help = _("Title, place or town")

    def scope(self) -> Select[Any]:
        kinds = [kind.extension for kind in fulfilments()]
        options = (option for kind in kinds for option in kind.offer_options)
        return select(Offer).options(selectin_polymorphic(Offer, [kind.offer for kind in kinds]), *options)

    def scope_of_list(self, found: Select[Any], filters: Any) -> Select[Any]:
        """What can still be had."""
        gone = [ids for kind in fulfilments() for ids in (kind.not_to_give(), kind.past())]
        return super().scope_of_list(found, filters).where(*(Offer.id.not_in(ids) for ids in gone))

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        more = (kind.extension.find_offers(words) for kind in fulfilments())
        return found.where(
            or_(contain(words, Offer.title), *(found_by(Offer.id, ids) for ids in more if ids is not None))
        )

    def label(self, row: Offer) -> str:
        return fulfilment_of(row.kind).extension.offer_label(row)
