"""Tickets among the orders of the back office."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from starlette.requests import Request

from apps.backoffice.formats import badge
from apps.backoffice.panels import Panel
from apps.concerts.models import Concert, TicketState, TicketType
from apps.concerts.scheduling.concert_label import CONCERT_LABEL, concert_label
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from apps.orders.kinds.order_extension import OrderExtension

TICKET_STATES: Mapping[Any, Lazy] = {
    TicketState.valid: _("Valid"),
    TicketState.cancelled: _("Not valid"),
    TicketState.resold: _("Resold"),
}


ON_HOLD = _("On hold: the payment is disputed")
ticket_state = badge(TICKET_STATES)


class OrderTickets(OrderExtension):
    offer, view, parent_name = TicketType, "ticket-type", _("Concert")
    delivered = _("Tickets issued.")
    offer_options = (selectinload(TicketType.concert).selectinload(Concert.venue),)

    def panels(self, parts: Sequence[Any], request: Request) -> Iterator[Panel]:
        yield Panel(
            title=_("Tickets"),
            columns=[_("What"), _("Status")],
            rows=[[each.title, ON_HOLD if each.is_on_hold else ticket_state(each, "state", request)] for each in parts],
            empty=_("Nothing yet."),
        )

    def offer_label(self, offer: TicketType) -> str:
        """With the day and place of its concert."""
        return f"{offer.title} · {concert_label(offer.concert.starts_at, offer.concert.venue)}"

    def find_offers(self, words: str) -> Select[Any]:
        there = select(TicketType.id).join(TicketType.concert).join(Concert.venue)
        return there.where(contain(words, TicketType.title + " · " + CONCERT_LABEL))
