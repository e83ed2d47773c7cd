"""What a payment provider says: of a payment, of a refund, of money that a bank took back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.payments.models import DisputeState, Failure, PaymentState, RefundState, WebhookProblem
from apps.payments.providers.capabilities import MOST_MONEY
from apps.payments.providers.errors import NotUnderstood

CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says of a payment: `captured` minor units of `currency` when confirmed, `failure` when failed.

    `fee`: what of that the provider keeps, where it says so.
    `reference` is what the provider calls the payment, `charge_reference` what it calls the money, where that differs.
    `is_approved`: the fan has agreed, and the provider waits to be asked for the money (`fetch`).
    Raises NotUnderstood for money that cannot be.
    """

    payment_id: UUID
    state: PaymentState
    captured: int
    currency: str
    failure: Failure | None = None
    reference: str | None = None
    charge_reference: str | None = None
    is_approved: bool = False
    fee: int = 0

    def __post_init__(self) -> None:
        least = 1 if self.state is PaymentState.confirmed else 0
        _refuse_impossible(self.captured, self.currency, least=least)
        _refuse_impossible(self.fee, self.currency, least=0)


@dataclass(frozen=True, slots=True)
class RefundReport:
    refund_id: UUID
    state: RefundState
    reference: str


@dataclass(frozen=True, slots=True)
class OwnRefundReport:
    """Money that somebody sent back at the provider, past us."""

    charge_reference: str
    reference: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """A customer has asked the bank for the money back. `reference` is what the provider calls the dispute."""

    charge_reference: str
    reference: str
    state: DisputeState
    amount: int
    currency: str
    reason: str = ""

    def __post_init__(self) -> None:
        _refuse_impossible(self.amount, self.currency, least=1)


Meaning = Report | RefundReport | OwnRefundReport | DisputeReport


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """A call of our webhook, not yet known to be the provider's. Names of headers are small letters."""

    headers: Mapping[str, str]
    body: bytes
    address: str = ""
    """The caller's IP address."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event of a verified webhook call."""

    event_id: str
    payload: dict[str, Any]


def _refuse_impossible(amount: int, currency: str, *, least: int) -> None:
    if not least <= amount <= MOST_MONEY or not CURRENCY.fullmatch(currency):
        raise NotUnderstood(WebhookProblem.impossible, f"{amount} {currency}")
