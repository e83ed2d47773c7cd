"""Which events of the apps below are told, under which type, of which thing, and with which data."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.events import (
    ConcertRescheduled,
    ConcertStateChanged,
    TicketCodesReplaced,
    TicketsIssued,
    TicketsVoided,
)
from apps.concerts.models import ConcertState
from apps.core.events import Event
from apps.inventory.events import PoolAvailable, PoolRanOut
from apps.orders.events import OrderDisputeChanged, OrderEnded, OrderPaid, OrderPlaced, OrderRefunded, PaymentReturned
from apps.orders.models import OrderState
from apps.payments.events import PaymentDisagreed, PaymentFailed, RefundFailed
from apps.shop.events import ProductChanged, ProductPublished, ProductUnpublished, ShipmentsChanged
from apps.shop.withdrawals.events import OrderWithdrawn
from apps.webhooks.event_types import EventType
from apps.webhooks.recording import payloads

Read = Callable[[AsyncConnection, Collection[UUID]], Awaitable[Mapping[UUID, Struct]]]
Data = Callable[[AsyncConnection, Sequence[Any]], Awaitable[Sequence[Struct | None]]]


@dataclass(frozen=True, slots=True)
class Source:
    """`thing` is the event's field with the id of what it is about: of one thing all is told in its order.

    `data` finds what is told of each of several events, None where there is nothing to tell.
    """

    type: EventType | Callable[[Any], EventType | None]
    thing: str
    data: Data

    def type_of(self, event: Event) -> EventType | None:
        return self.type if isinstance(self.type, EventType) else self.type(event)

    def thing_of(self, event: Event) -> UUID:
        id: UUID = getattr(event, self.thing)
        return id


def by(name: str, read: Read) -> Data:
    """What `read` finds by the event's field `name`."""

    async def data(connection: AsyncConnection, events: Sequence[Any]) -> Sequence[Struct | None]:
        found = await read(connection, {getattr(event, name) for event in events})
        return [found.get(getattr(event, name)) for event in events]

    return data


def ended(event: OrderEnded) -> EventType:
    return EventType.order_expired if event.state is OrderState.expired else EventType.order_cancelled


def state_of_concert(event: ConcertStateChanged) -> EventType | None:
    match event.before, event.after:
        case ConcertState.draft, ConcertState.cancelled:
            return None
        case ConcertState.postponed, ConcertState.announced | ConcertState.on_sale:
            return EventType.concert_reinstated
        case ConcertState.on_sale, ConcertState.announced:
            return EventType.concert_sale_stopped
        case _, state:
            return STATES[state]


STATES = {
    ConcertState.announced: EventType.concert_announced,
    ConcertState.on_sale: EventType.concert_on_sale,
    ConcertState.postponed: EventType.concert_postponed,
    ConcertState.cancelled: EventType.concert_cancelled,
}


async def tickets(connection: AsyncConnection, events: Sequence[Any]) -> Sequence[Struct | None]:
    names = await payloads.order_names(connection, {event.order_id for event in events})
    found = await payloads.tickets_data(connection, {id for event in events for id in event.ticket_ids})
    return [
        payloads.TicketsData(names[event.order_id], [found[id] for id in event.ticket_ids])
        if event.ticket_ids
        else None
        for event in events
    ]


async def shipments(connection: AsyncConnection, events: Sequence[Any]) -> Sequence[Struct | None]:
    names = await payloads.order_names(connection, {event.order_id for event in events})
    found = await payloads.shipments_data(connection, {id for event in events for id in event.shipment_ids})
    return [
        payloads.ShipmentsData(names[event.order_id], [found[id] for id in event.shipment_ids])
        if event.shipment_ids
        else None
        for event in events
    ]


async def disagreed(connection: AsyncConnection, events: Sequence[PaymentDisagreed]) -> Sequence[Struct | None]:
    found = await payloads.payments_data(connection, {event.payment_id for event in events})
    return [
        replace(found[event.payment_id], reported=payloads.ReportedData(event.amount, event.currency))
        for event in events
    ]


T = EventType
ORDER = by("order_id", payloads.orders_data)
CONCERT = by("concert_id", payloads.concerts_data)
PRODUCT = by("product_id", payloads.products_data)
POOL = by("pool_id", payloads.stock_data)
REFUND = by("refund_id", payloads.refunds_data)
SOURCES: Mapping[type[Event], Source] = {
    OrderPlaced: Source(T.order_placed, "order_id", ORDER),
    OrderPaid: Source(T.order_paid, "order_id", ORDER),
    OrderEnded: Source(ended, "order_id", ORDER),
    OrderRefunded: Source(T.order_refunded, "order_id", ORDER),
    OrderDisputeChanged: Source(T.order_dispute_changed, "order_id", ORDER),
    OrderWithdrawn: Source(T.order_withdrawn, "order_id", by("withdrawal_id", payloads.withdrawals_data)),
    PaymentReturned: Source(T.payment_returned, "order_id", REFUND),
    PaymentFailed: Source(T.payment_failed, "owner_id", by("payment_id", payloads.payments_data)),
    PaymentDisagreed: Source(T.payment_discrepancy, "owner_id", disagreed),
    RefundFailed: Source(T.refund_failed, "owner_id", REFUND),
    TicketsIssued: Source(T.tickets_issued, "order_id", tickets),
    TicketsVoided: Source(T.tickets_voided, "order_id", tickets),
    TicketCodesReplaced: Source(T.ticket_codes_replaced, "order_id", tickets),
    ShipmentsChanged: Source(T.shipments_changed, "order_id", shipments),
    ConcertStateChanged: Source(state_of_concert, "concert_id", CONCERT),
    ConcertRescheduled: Source(T.concert_rescheduled, "concert_id", CONCERT),
    ProductPublished: Source(T.product_published, "product_id", PRODUCT),
    ProductUnpublished: Source(T.product_unpublished, "product_id", PRODUCT),
    ProductChanged: Source(T.product_changed, "product_id", PRODUCT),
    PoolRanOut: Source(T.stock_sold_out, "pool_id", POOL),
    PoolAvailable: Source(T.stock_available, "pool_id", POOL),
}
