"""Buys a ticket of the first concert that has one: `python buy.py http://127.0.0.1:8000 fan@example.org`."""

import sys
import uuid
from typing import TypeVar

from backline_client import Client
from backline_client.api.checkout import place_order
from backline_client.api.concerts import get_concert, list_concerts
from backline_client.models import AddLineInput, Availability, CheckoutInput, Delivery, PlacedOrder, Problem, TicketType

Answer = TypeVar("Answer")


class Refused(Exception):
    """With the problem's stable type and its sentence."""


def found(answer: Answer | Problem | None) -> Answer:
    if isinstance(answer, Problem):
        raise Refused(f"{answer.type_}: {answer.title}")
    if answer is None:
        raise Refused("No answer.")
    return answer


def is_to_be_had(ticket_type: TicketType) -> bool:
    return ticket_type.price is not None and ticket_type.availability in (Availability.AVAILABLE, Availability.FEW_LEFT)


def buy_ticket(shop: Client, email: str) -> PlacedOrder:
    for summary in found(list_concerts.sync(client=shop, limit=100)).items:
        concert = found(get_concert.sync(summary.slug, client=shop))
        for ticket_type in filter(is_to_be_had, concert.ticket_types):
            wanted = CheckoutInput(email=email, delivery=Delivery.PICKUP, lines=[AddLineInput(offer=ticket_type.id)])
            return found(place_order.sync(client=shop, body=wanted, idempotency_key=str(uuid.uuid4())))
    raise Refused("There is no ticket to be had.")


base_url, email = [*sys.argv[1:], *("http://127.0.0.1:8000", "fan@example.org")[len(sys.argv[1:]) :]]
order = buy_ticket(Client(base_url=base_url), email)
print(f"Order {order.number}: pay {order.total} {order.currency} (minor units) at {order.pay_url}")
