"""What a payment provider must be able to do. One module `provider.py` per provider app registers an instance."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.models import Failure, PaymentState, RefundState, WebhookProblem

CURRENCY = re.compile("[A-Z]{3}")
MOST_MONEY = 2**53
"""Minor units that every JSON reader can hold."""


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


class NotUnderstood(Exception):
    """A report that is truly the provider's and cannot be applied; trying again would change nothing."""

    def __init__(self, problem: WebhookProblem, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem, self.detail = problem, detail


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
    """What the provider says of a payment: `captured` minor units of `currency` when confirmed, `failure` when failed.

    Raises NotUnderstood for money that cannot be.
    """

    payment_id: UUID
    state: PaymentState
    captured: int
    currency: str
    failure: Failure | None = None

    def __post_init__(self) -> None:
        least = 1 if self.state is PaymentState.confirmed else 0
        if not least <= self.captured <= MOST_MONEY or not CURRENCY.fullmatch(self.currency):
            raise NotUnderstood(WebhookProblem.impossible, f"{self.captured} {self.currency}")


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

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Whether a webhook call is the provider's own; raises BadSignature. Nothing of the body is trusted before."""

    def read(self, body: bytes) -> Sequence[Webhook]:
        """The events of a verified call. Raises NotUnderstood, or whatever a reader trips with."""

    def understand(self, payload: Mapping[str, Any]) -> Report | RefundReport | None:
        """What a stored event means, or None for one that does not concern us. Raises as `read` does."""


_PROVIDERS: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    _PROVIDERS[provider.name] = provider


def provider_named(name: str) -> Provider:
    if name not in _PROVIDERS:
        raise ProviderUnknown
    return _PROVIDERS[name]
