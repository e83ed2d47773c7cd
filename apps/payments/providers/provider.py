"""What a payment provider must be able to do. How to add one: docs/payment-providers.md."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from apps.core.text.i18n import Lazy
from apps.payments.providers.capabilities import Capabilities
from apps.payments.providers.errors import NoTransactions
from apps.payments.providers.reports import Meaning, RefundReport, Report, Webhook, WebhookCall
from apps.payments.providers.transactions import Transaction


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What is asked of the provider; `payment_id` is its idempotency key.

    The fan comes back to `return_url` from paying, to `cancel_url` from leaving. Asked again, all of it is the same.
    """

    payment_id: UUID
    amount: int
    currency: str
    description: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    locale: str


@dataclass(frozen=True, slots=True)
class Started:
    """A hosted page to pay at; `reference` is what the provider calls the payment."""

    reference: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """`refund_id` is the provider's idempotency key."""

    refund_id: UUID
    amount: int
    currency: str
    reference: str
    charge_reference: str | None


@dataclass(frozen=True, slots=True)
class Instruction:
    """A line of what a fan needs to pay without a page of the provider's: IBAN, DE89 …"""

    label: Lazy
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HowToPay:
    """What the order's page says of an offline provider. `request` has a gap for the `day` on which the time is over.

    `number` is what the order's number is called there; where somebody has to read it off the page it is large.
    """

    heading: Lazy
    request: Lazy
    number: Lazy
    afterwards: Lazy
    lines: Sequence[Instruction] = ()
    is_number_large: bool = False


class Provider(ABC):
    """Calls over the network raise ProviderDown when nobody answers, ProviderRefused when the answer is no.

    Every one may be repeated, and none is made while a row is locked.
    """

    name: ClassVar[str]
    title: ClassVar[Lazy]
    """What fans choose it by."""
    capabilities: Capabilities
    how_to_pay: HowToPay | None = None
    """Of an offline provider."""

    @abstractmethod
    async def start(self, request: PaymentRequest) -> Started:
        """Where to pay. Asked again with the same `payment_id`, the same page."""

    async def returned(self, reference: str, query: Mapping[str, str]) -> Report:
        """The fan is back from the page, with `query`: how the payment stands, without waiting for the webhook.

        A provider that takes the money only after the fan's yes takes it in `fetch`, for a fan who never came back.
        """
        return await self.fetch(reference)

    @abstractmethod
    async def fetch(self, reference: str) -> Report:
        """How the payment stands. Raises NotUnderstood and PaymentGone as well."""

    @abstractmethod
    async def close(self, reference: str) -> Report:
        """End the hosted page, so that nobody pays there any more; the report may say that somebody just did.

        Raises as `fetch` does. A provider that cannot do that says so by `closes_pages`, and reports what nobody has
        paid yet as cancelled; one that takes the money only when it is asked to takes none from then on.
        """

    @abstractmethod
    async def refund(self, request: RefundRequest) -> RefundReport:
        """Send money back once, however often it is asked; asked again, how the refund stands."""

    def list_transactions(self, start: datetime, end: datetime) -> AsyncIterator[Transaction]:
        """Charges and refunds made from `start` to before `end`, page by page, in any order; also of other shops that
        the provider's account serves. A provider with `lists_transactions` overrides it. Raises NotUnderstood as well.
        """
        raise NoTransactions(provider=self.name)

    @abstractmethod
    async def verify(self, call: WebhookCall) -> bytes:
        """What of the call can be trusted: its body where that is signed, or what the provider says when it is asked.

        No transaction is open. Raises BadSignature unless the call is the provider's own.
        """

    @abstractmethod
    def read(self, body: bytes) -> Sequence[Webhook]:
        """The events in what `verify` returned. Raises NotUnderstood, or whatever a reader trips with."""

    @abstractmethod
    def understand(self, payload: Mapping[str, Any]) -> Meaning | None:
        """What a stored event means, or None for one that does not concern us. Raises as `read` does."""

    @abstractmethod
    async def test(self) -> None:
        """A call that changes nothing, and needs the same keys as the others: staff want to know whether they work."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Close the connections to the provider; the next call makes new ones."""
