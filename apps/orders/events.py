"""What the apps above are told about orders."""

from uuid import UUID

import msgspec

from apps.orders.models import OrderState


class OrderPlaced(msgspec.Struct, frozen=True):
    """Its units are held until it is paid, or expires."""

    order_id: UUID


class OrderPaid(msgspec.Struct, frozen=True):
    """Paid, or worth nothing: it can be delivered."""

    order_id: UUID


class OrderDelivered(msgspec.Struct, frozen=True):
    """Tickets are issued, shipments noted."""

    order_id: UUID


class OrderEnded(msgspec.Struct, frozen=True):
    """It expired, or was cancelled: it holds nothing any more."""

    order_id: UUID
    state: OrderState


class OrderRefunded(msgspec.Struct, frozen=True):
    """Some or all of the money goes back."""

    order_id: UUID
    refund_id: UUID


class PaymentReturned(msgspec.Struct, frozen=True):
    """Money came for an order that could not be served any more, and goes back whole."""

    order_id: UUID
    refund_id: UUID


class OrderDisputeChanged(msgspec.Struct, frozen=True):
    """A dispute about its payment holds it up, or does so no longer; the order's `dispute` says which."""

    order_id: UUID
