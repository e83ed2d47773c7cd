"""What a payment provider must be able to do. One module `provider.py` per provider app registers an instance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.payments.models import PaymentState, RefundState


class ProviderUnknown(AppError):
    status = 422
    type = "provider-unknown"
    message = _("This way of paying is not offered.")


class ProviderDown(AppError):
    status = 503
    type = "provider-unreachable"
    message = _("The payment provider cannot be reached. Please try again in a moment.")


class BadSignature(AppError):
    status = 401
    type = "bad-signature"
    message = _("The signature is not right.")


@dataclass(frozen=True, slots=True)
class PayRequest:
    """What is asked of the provider; `payment_id` is its idempotency key."""

    payment_id: UUID
    amount: int
    currency: str
    description: str
    return_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A hosted page to pay at."""

    reference: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says of a payment: `captured` minor units of `currency` when confirmed."""

    payment_id: UUID
    state: PaymentState
    captured: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundReport:
    refund_id: UUID
    state: RefundState
    reference: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event of a verified webhook call."""

    event_id: str
    payload: dict[str, Any]


class Provider(Protocol):
    """Network calls raise ProviderDown when the provider cannot be reached; every one may be repeated."""

    name: str

    async def open(self, request: PayRequest) -> Opened: ...

    async def look_up(self, reference: str) -> Report: ...

    async def close(self, reference: str) -> Report:
        """End the hosted page, so that nobody pays there any more; the report may say that somebody just did."""

    async def refund(self, reference: str, *, refund_id: UUID, amount: int, currency: str) -> RefundReport: ...

    def verify(self, headers: Mapping[str, str], body: bytes) -> Sequence[Webhook]:
        """The events of a webhook call; raises BadSignature."""

    def understand(self, payload: Mapping[str, Any]) -> Report | RefundReport | None:
        """What a stored event means, or None for one that does not concern us."""


_PROVIDERS: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    _PROVIDERS[provider.name] = provider


def provider_named(name: str) -> Provider:
    if name not in _PROVIDERS:
        raise ProviderUnknown
    return _PROVIDERS[name]
