"""What one batch of buyers' commands has locked and read, decides in memory, and writes in one go.

Locks are taken in the order carts → holds → offers that nothing is counted of → pools → customers and networks, each
sorted; who holds the last ones waits for nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.bulk import delete_rows, insert_rows, upsert_rows
from apps.core.idempotency import KeptAnswer, RequestKey, keep_answers, kept_answers
from apps.core.jobs import Call, enqueue
from apps.core.locks import lock_out_others
from apps.inventory.ledger import Ledger
from apps.orders.held import held_by_customers
from apps.orders.repositories import (
    CART_LINES,
    CARTS,
    ORDER_LINES,
    ORDERS,
    OfferTerms,
    bought_by,
    carts_by_id,
    lines_of_carts,
    lines_of_orders,
    offer_terms_for_sale,
    orders_of_carts,
)
from project.settings import settings

HOLD = timedelta(minutes=settings.hold_minutes)
HOLD_CEILING = timedelta(minutes=settings.hold_ceiling_minutes)


@dataclass(frozen=True, slots=True)
class WantedLine:
    offer_id: UUID
    quantity: int
    price: int | None


@dataclass(frozen=True, slots=True)
class AddLine:
    """Put something into a cart; without a cart, or with one that was placed, a new one begins.

    `network` is whose share counts what is held; None: nobody's.
    """

    key: RequestKey
    cart_id: UUID | None
    wanted: WantedLine
    currency: str
    locale: str
    network: int | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """`quantity` 0 takes the line out."""

    key: RequestKey
    cart_id: UUID
    line_id: UUID
    quantity: int
    network: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Turn a cart, or `lines`, into an order. `address` None: merch is picked up. `user_id`: who is signed in.

    `order_id` is the order's, unless the cart has one already.
    """

    key: RequestKey
    cart_id: UUID | None
    lines: tuple[WantedLine, ...]
    email: str
    name: str
    ships: bool
    address: dict[str, Any] | None
    currency: str
    locale: str
    expected_total: int | None
    network: int | None
    user_id: UUID | None = None
    order_id: UUID = field(default_factory=uuid7)

    @property
    def customers(self) -> tuple[str, ...]:
        """As whom its buyer is known."""
        return (self.email, str(self.user_id)) if self.user_id else (self.email,)


@dataclass(frozen=True, slots=True)
class GiveAway(Place):
    """The same free of charge, by the band itself: neither sale windows nor limits bind it."""


Command = AddLine | ChangeLine | Place


@dataclass(slots=True)
class LineState:
    id: UUID
    offer_id: UUID
    quantity: int
    price: int | None


@dataclass(slots=True)
class CartState:
    id: UUID
    currency: str
    locale: str
    created_at: datetime
    held_since: datetime | None = None
    expires_at: datetime | None = None
    placed: bool = False
    lines: dict[UUID, LineState] = field(default_factory=dict)


class Desk:
    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.ledger = Ledger(connection)
        self.offers: dict[UUID, OfferTerms] = {}
        self.carts: dict[UUID, CartState] = {}
        self.kept: dict[UUID, Row[Any]] = {}
        self.placed_orders: dict[UUID, tuple[Any, list[Any]]] = {}
        self.bought: dict[tuple[str, UUID], int] = {}
        self.held_by: dict[str, dict[UUID, int]] = {}
        self.moment: datetime
        self.orders: list[dict[str, Any]] = []
        self.order_lines: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.answers: dict[UUID, tuple[RequestKey, KeptAnswer]] = {}
        self.touched_carts: dict[UUID, CartState] = {}
        self.touched_lines: dict[UUID, tuple[UUID, LineState]] = {}
        self.removed_lines: set[UUID] = set()

    async def load(self, commands: Sequence[Command]) -> None:
        """Lock and read all that `commands` speak of."""
        self.kept = await kept_answers(self.connection, [command.key.id for command in commands])
        await self._load_carts({command.cart_id for command in commands if command.cart_id})
        await self._load_offers(commands)
        demand = self._demand(commands)
        await self.ledger.lock_pools(demand.keys(), demand=demand)
        await self._load_buyers(commands)

    async def _load_carts(self, ids: set[UUID]) -> None:
        if not ids:
            return
        rows = await self.connection.execute(carts_by_id(ids).with_for_update(key_share=True))
        for row in rows:
            self.carts[row.id] = read_cart(row)
        for line in await self.connection.execute(lines_of_carts(ids)):
            self.carts[line.cart_id].lines[line.id] = read_line(line)
        await self._load_placed_orders([cart.id for cart in self.carts.values() if cart.placed])
        await self.ledger.load_holds(self.carts)

    async def _load_placed_orders(self, carts: Sequence[UUID]) -> None:
        """What became of carts that were placed before, for the second click."""
        if not carts:
            return
        orders = (await self.connection.execute(orders_of_carts(carts))).mappings().all()
        lines = (await self.connection.execute(lines_of_orders([order["id"] for order in orders]))).mappings().all()
        for order in orders:
            mine = [line for line in lines if line["order_id"] == order["id"]]
            self.placed_orders[order["cart_id"]] = (order, mine)

    async def _load_offers(self, commands: Sequence[Command]) -> None:
        wanted = {line.offer_id for command in commands for line in _wanted(command)}
        in_carts = {line.offer_id for cart in self.carts.values() for line in cart.lines.values()}
        self.offers = await offer_terms_for_sale(self.connection, wanted | in_carts)

    async def _load_buyers(self, commands: Sequence[Command]) -> None:
        """What counts for customers and networks; from here on nobody else can take more for them."""
        places = [command for command in commands if isinstance(command, Place)]
        networks = {command.network for command in commands if command.network is not None}
        networks |= {item.network for item in self.ledger.items.values() if item.network is not None}
        customers = {customer for place in places for customer in place.customers}
        self.moment = await lock_out_others(self.connection, customers, networks)
        await self.ledger.load_networks(networks)
        if places:
            await self._load_customers({place.email for place in places}, {place.user_id for place in places})

    async def _load_customers(self, emails: set[str], users: set[UUID | None]) -> None:
        known = [user for user in users if user]
        self.held_by = await held_by_customers(self.connection, emails, known)
        if limited := {offer.id for offer in self.offers.values() if offer.max_per_customer}:
            self.bought = await bought_by(self.connection, emails, limited)

    def _demand(self, commands: Sequence[Command]) -> dict[UUID, int]:
        """Each pool that these commands may touch, with the most that they may take of it."""
        demand: dict[UUID, int] = {}
        for command in commands:
            for pool, units in self._changes(command):
                demand[pool] = demand.get(pool, 0) + max(units, 0)
        return demand

    def _changes(self, command: Command) -> Iterable[tuple[UUID, int]]:
        for wanted in _wanted(command):
            if offer := self.offers.get(wanted.offer_id):
                yield from offer.units(wanted.quantity).items()
        for line in self._concerned(command):
            quantity = command.quantity if isinstance(command, ChangeLine) else line.quantity
            yield from self.ledger.missing(line.id, self.offers[line.offer_id].units(quantity)).items()
            if not isinstance(command, Place):
                yield from ((pool, 0) for pool in self.ledger.pools_of([line.id]))

    def _concerned(self, command: Command) -> Iterable[LineState]:
        """The lines already in the command's cart that it takes or frees units for."""
        lines = self.carts[command.cart_id].lines.values() if command.cart_id in self.carts else ()
        match command:
            case AddLine():
                return [line for line in lines if line.offer_id == command.wanted.offer_id]
            case ChangeLine():
                return [line for line in lines if line.id == command.line_id]
            case Place():
                return lines

    def touch(self, cart: CartState) -> None:
        self.touched_carts[cart.id] = cart

    def put_line(self, cart: CartState, line: LineState) -> None:
        cart.lines[line.id] = line
        self.touched_lines[line.id] = (cart.id, line)

    def drop_line(self, cart: CartState, line: LineState) -> None:
        del cart.lines[line.id]
        self.touched_lines.pop(line.id, None)
        self.removed_lines.add(line.id)

    async def write(self) -> None:
        connection = self.connection
        await upsert_rows(connection, CARTS, [self._cart_row(cart) for cart in self.touched_carts.values()])
        await delete_rows(connection, CART_LINES, [{"id": line_id} for line_id in self.removed_lines])
        await upsert_rows(connection, CART_LINES, [_line_row(*touched) for touched in self.touched_lines.values()])
        await insert_rows(connection, ORDERS, self.orders)
        await insert_rows(connection, ORDER_LINES, self.order_lines)
        await self.ledger.write()
        await enqueue(connection, *self.calls)
        await keep_answers(connection, list(self.answers.values()))

    def _cart_row(self, cart: CartState) -> dict[str, Any]:
        return {
            "id": cart.id,
            "currency": cart.currency,
            "locale": cart.locale,
            "created_at": cart.created_at,
            "held_since": cart.held_since,
            "expires_at": cart.expires_at,
            "placed": cart.placed,
            "updated_at": self.moment,
        }


def read_cart(row: Row[Any]) -> CartState:
    return CartState(row.id, row.currency, row.locale, row.created_at, row.held_since, row.expires_at, row.placed)


def read_line(row: Row[Any]) -> LineState:
    return LineState(row.id, row.offer_id, row.quantity, row.price)


def _wanted(command: Command) -> tuple[WantedLine, ...]:
    match command:
        case AddLine():
            return (command.wanted,)
        case Place():
            return command.lines
        case ChangeLine():
            return ()


def _line_row(cart_id: UUID, line: LineState) -> dict[str, Any]:
    return {
        "id": line.id,
        "cart_id": cart_id,
        "offer_id": line.offer_id,
        "quantity": line.quantity,
        "price": line.price,
    }
