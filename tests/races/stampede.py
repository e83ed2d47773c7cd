"""Many customers at the same moment, over several processes' worth of connections."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import structlog

from apps.accounts.models import User
from apps.checkout.cart_view import CART_KEY
from apps.checkout.queue.checkout_queue import CheckoutQueue, open_checkout_queue
from apps.checkout.queue.commands import AddLine, Command, PlaceOrder, WantedLine
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.idempotency import RequestKey, StoredResponse
from apps.core.security.signing import unsign
from tests.factories import make_tickets


class Shop:
    """What one process has: its own connections, its own queue of customers."""

    def __init__(self, url: str) -> None:
        self.db = Database(url, pool_size=4)
        self.queue: CheckoutQueue = open_checkout_queue(self.db)

    async def buys_alone(self, command: Command) -> StoredResponse:
        """In a transaction of its own, whoever else is waiting."""
        return await open_checkout_queue(self.db).submit(command)


async def stampede(attempts: Iterable[Awaitable[Any]]) -> tuple[list[Any], list[AppError]]:
    """All at once: the answers, and the refusals. Anything else that is raised is a failure of the test."""
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, AppError):
            raise outcome
    won = [each for each in outcomes if not isinstance(each, AppError)]
    return won, [each for each in outcomes if isinstance(each, AppError)]


def spread(shops: Sequence[Shop], number: int, attempt: Callable[[Shop, int], Awaitable[Any]]) -> list[Awaitable[Any]]:
    """`number` attempts, dealt out to the shops in turn."""
    return [attempt(shops[n % len(shops)], n) for n in range(number)]


@contextmanager
def no_batch_fails() -> Iterator[None]:
    """No deadlock, no unique violation, no timeout: nothing had to be tried again."""
    with structlog.testing.capture_logs() as lines:
        yield
    assert [line for line in lines if line["event"] == "batch.failed"] == []


def new_key() -> RequestKey:
    return RequestKey(uuid4(), b"")


def placing(
    *lines: tuple[UUID, int],
    cart: UUID | None = None,
    key: RequestKey | None = None,
    email: str = "fan@example.org",
    network: int | None = None,
    user: UUID | None = None,
) -> PlaceOrder:
    return PlaceOrder(
        key=key or new_key(),
        cart_id=cart,
        lines=tuple(WantedLine(offer, quantity, None) for offer, quantity in lines),
        email=email,
        name="",
        ships=False,
        address=None,
        currency="EUR",
        locale="en",
        expected_total=None,
        network=network,
        user_id=user,
    )


def adding(
    offer: UUID,
    quantity: int = 1,
    *,
    cart: UUID | None = None,
    network: int | None = None,
    user: UUID | None = None,
    price: int | None = None,
) -> AddLine:
    return AddLine(new_key(), cart, WantedLine(offer, quantity, price), "EUR", "en", network, user)


async def make_user(db: Database, email: str = "ada@example.org") -> UUID:
    async with db.begin() as session:
        user = User(email=email, name="Ada", locale="en")
        session.add(user)
        await session.flush()
        return user.id


def names_of(refusals: Iterable[AppError]) -> set[str]:
    return {each.type for each in refusals}


def cart_of(answer: StoredResponse) -> UUID:
    return unsign(CART_KEY, json.loads(answer.body)["token"]).id


async def make_offer(db: Database, places: int, **limits: int) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, places, **limits)).id
