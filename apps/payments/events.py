"""Events about payments, for the app that they belong to."""

from uuid import UUID

import msgspec


class PaymentConfirmed(msgspec.Struct, frozen=True):
    """The money is here."""

    payment_id: UUID
    owner_id: UUID


class PaymentLeftOpen(msgspec.Struct, frozen=True):
    """The owner was paid for by another payment; nobody should pay this one any more."""

    owner_id: UUID


class WebhookReceived(msgspec.Struct, frozen=True):
    """A provider's event is stored and waits to be understood."""

    event_id: UUID


class RefundPromised(msgspec.Struct, frozen=True):
    """Money is set aside and waits to be sent back."""

    refund_id: UUID


class RefundFailed(msgspec.Struct, frozen=True):
    """The provider could not send the money back."""

    refund_id: UUID
    owner_id: UUID
