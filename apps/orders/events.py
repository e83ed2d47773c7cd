"""What the apps above are told about orders."""

from uuid import UUID

import msgspec


class OrderPaid(msgspec.Struct, frozen=True):
    """Paid, or worth nothing: it can be delivered."""

    order_id: UUID


class OrderDelivered(msgspec.Struct, frozen=True):
    """Tickets are issued, shipments noted."""

    order_id: UUID


class OrderRefunded(msgspec.Struct, frozen=True):
    """Some or all of the money goes back."""

    order_id: UUID
    refund_id: UUID


class PaymentReturned(msgspec.Struct, frozen=True):
    """Money came for an order that could not be served any more, and goes back whole."""

    order_id: UUID
    refund_id: UUID
