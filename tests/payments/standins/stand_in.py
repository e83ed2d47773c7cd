"""What the fault cases ask of a provider's stand-in. How to write one: docs/payment-providers.md."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import httpx

from apps.core.db.database import Database
from tests.payments.standins.line import Line


@dataclass(frozen=True)
class Call:
    """A webhook call that the provider wants to make."""

    kind: str
    headers: Mapping[str, str]
    body: bytes


class StandIn(ABC):
    """A provider with books of its own. Its webhooks wait in `outbox` until a test sends them.

    Ids of payments and refunds are ours, as the provider was told them.
    """

    name: str
    currency = "EUR"
    """That its cases are paid in."""
    is_signed = True
    """False where a webhook is only a hint, and the provider is asked whether it is true."""
    closes_pages = True
    """False where what is not paid cannot be closed, and is late money when it is paid."""
    is_approved_first = False
    """True where the fan's yes is no money yet, and may come after the page was closed: then none is taken."""
    signatures_expire = True
    line: Line
    pages: httpx.AsyncClient
    """The fan's browser at the provider's pages."""

    def __init__(self, db: Database) -> None:
        self.db = db
        """The shop's, for a provider that keeps its books there."""
        self.outbox: list[Call] = []
        self.problems: list[str] = []
        """What the shop asked that the provider does not know."""

    @abstractmethod
    def running(self) -> AbstractAsyncContextManager["StandIn"]: ...

    async def pay(self, pay_url: str) -> int:
        return await self.press(pay_url, "pay")

    async def charge(self, pay_url: str) -> int:
        """The fan pays and the money is taken, whatever the shop would have to do for that."""
        return await self.pay(pay_url)

    async def decline(self, pay_url: str) -> int:
        return await self.press(pay_url, "fail")

    async def press(self, pay_url: str, button: str) -> int:
        """A button of the page; the status of its answer."""
        return (await self.pages.post(f"{pay_url}/{button}")).status_code

    @abstractmethod
    def page_of(self, payment: str) -> str:
        """Where it is to be paid."""

    async def begin_authentication(self, pay_url: str) -> None:
        """3-D Secure, for providers that have it."""
        return

    @abstractmethod
    async def reopen(self, payment: str) -> None:
        """It takes money although its page was closed, as with a bank transfer."""

    @abstractmethod
    async def expire(self, payment: str) -> None:
        """The page's time is over at the provider."""

    @abstractmethod
    async def books(self, payment: str) -> tuple[int, int]:
        """Minor units taken and sent back, as the provider has them."""

    @abstractmethod
    async def forget(self, payment: str) -> None:
        """It has no such payment any more, or never had."""

    async def dispute_it(self, payment: str, state: str) -> None:
        """The customer asks the bank for the money back (`open`), or that is `won` or `lost`; where it tells of it."""
        raise NotImplementedError

    @abstractmethod
    async def event(
        self, kind: str, payment: str, *, amount: int | None = None, currency: str = "EUR", refund: str = ""
    ) -> Call:
        """A signed call that says so, whatever is true.

        `kind`: pending, confirmed, failed, closed; refunded, refund_failed of `refund`; unknown, which no provider
        sends.
        """

    @abstractmethod
    def signed(self, body: bytes, *, age: int = 0, by: str = "new") -> Mapping[str, str]:
        """Headers for `body`, signed `age` seconds ago `by` the "new" secret, the "old" or an "other" one."""

    def signs(self, body: bytes) -> bool:
        """Whether it can sign such a body at all."""
        return True

    def take(self, *kinds: str) -> list[Call]:
        """Out of the outbox, all of them or those of these kinds, in order."""
        taken = [call for call in self.outbox if not kinds or call.kind in kinds]
        self.outbox = [call for call in self.outbox if call not in taken]
        return taken
