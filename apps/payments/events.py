"""Events about payments, for the app that they belong to."""

from uuid import UUID

import msgspec


class PaymentConfirmed(msgspec.Struct, frozen=True):
    """The money is here."""

    payment_id: UUID
    owner_id: UUID


class PaymentApproved(msgspec.Struct, frozen=True):
    """The customer has agreed to it; the provider has to be asked for the money."""

    payment_id: UUID


class PaymentFailed(msgspec.Struct, frozen=True):
    """The provider refused it; the customer may try again."""

    payment_id: UUID
    owner_id: UUID


class PaymentDisagreed(msgspec.Struct, frozen=True):
    """The provider reports another amount or currency than we know of: somebody has to see to it."""

    payment_id: UUID
    owner_id: UUID
    amount: int
    currency: str


class PaymentLeftOpen(msgspec.Struct, frozen=True):
    """The owner was paid for by another payment; nobody should pay this one any more."""

    owner_id: UUID


class PageStaysOpen(msgspec.Struct, frozen=True):
    """Nobody should pay there any more, and the provider cannot close it: its time has to run out."""

    payment_id: UUID


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


class DisputeChanged(msgspec.Struct, frozen=True):
    """A customer has asked the bank for the money back, or the bank has decided."""

    payment_id: UUID
    owner_id: UUID
