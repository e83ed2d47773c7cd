"""What one batch of customers' commands has locked and read, decides in memory, and writes in one go.

Locks are taken in the order carts → holds → offers that nothing is counted of → pools → customers and networks, each
sorted; who holds the last ones waits for nobody. A batch that `waits` for nothing takes what is free, and knows what
others keep locked: commands that need any of it are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import asdict
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.entitlements.entitlements import entitlements_of
from apps.checkout.queue.cart_state import CartState, LineState, line_row, read_cart, read_line
from apps.checkout.queue.commands import (
    AddLine,
    ChangeLine,
    Command,
    JoinCarts,
    PlaceOrder,
    own_cart_of,
    wanted_lines,
)
from apps.checkout.queue.new_order import NewOrder, NewOrderLine, PlacedOrder
from apps.core.db.bulk import delete_rows, insert_rows, upsert_rows
from apps.core.db.locks import lock_out_others
from apps.core.events import Event, publish
from apps.core.http.idempotency import RequestKey, StoredResponse, store_responses, stored_responses
from apps.inventory.reservations import Reservations, Units
from apps.orders.demand import demand_of
from apps.orders.held_units import held_by_customers
from apps.orders.repositories import (
    CART_LINES,
    CARTS,
    ORDER_LINES,
    ORDERS,
    OfferTerms,
    bought_by,
    carts_by_id,
    carts_to_lock,
    lines_of_carts,
    lines_of_orders,
    offer_terms_for_sale,
    open_carts_of,
    orders_of_carts,
)
from project.settings import settings

HOLD = timedelta(minutes=settings.hold_minutes)
HOLD_CEILING = timedelta(minutes=settings.hold_ceiling_minutes)
MOST_LINES = 50
"""Of a cart."""


class Batch:
    def __init__(self, connection: AsyncConnection, *, waits: bool = True) -> None:
        self.connection = connection
        self.waits = waits
        self.locked_by_others: set[UUID | str | int] = set()
        self.reservations = Reservations(connection)
        self.offers: dict[UUID, OfferTerms] = {}
        self.carts: dict[UUID, CartState] = {}
        self.own_carts: dict[UUID, CartState] = {}
        """By user, the one that is open."""
        self._own_ids: dict[UUID, UUID] = {}
        self.kept: dict[UUID, Row[Any]] = {}
        self.placed_orders: dict[UUID, PlacedOrder] = {}
        self.entitlements: Mapping[UUID, frozenset[str]] = {}
        self.bought: dict[tuple[str, UUID], int] = {}
        self.held_by: dict[str, dict[UUID, int]] = {}
        self.moment: datetime
        self.orders: list[NewOrder] = []
        self.order_lines: list[NewOrderLine] = []
        self.events: list[Event] = []
        self.answers: dict[UUID, tuple[RequestKey, StoredResponse]] = {}
        self.touched_carts: dict[UUID, CartState] = {}
        self.touched_lines: dict[UUID, tuple[UUID, LineState]] = {}
        self.removed_lines: set[UUID] = set()
        self.removed_carts: set[UUID] = set()

    async def load(self, commands: Sequence[Command]) -> None:
        """Lock and read all that `commands` speak of."""
        self.kept = await stored_responses(self.connection, [command.key.id for command in commands])
        await self._find_own_carts({user for command in commands if (user := own_cart_of(command))})
        await self._load_carts({cart for command in commands for cart in self._carts_named_by(command)})
        await self._load_offers(commands)
        await self._load_entitlements(commands)
        await self._lock_pools(commands)
        await self._load_limits([command for command in commands if self.can_serve(command)])

    def can_serve(self, command: Command) -> bool:
        """Whether nothing that it needs is locked by others."""
        return not self.locked_by_others or self.locked_by_others.isdisjoint(self._needs(command))

    def _needs(self, command: Command) -> Iterable[UUID | str | int]:
        yield from self._carts_named_by(command)
        yield from (offer for offer in self._offers_of(command))
        yield from (pool for changes in self._changes(command) for pool in changes)
        yield from self._networks_of(command)
        if isinstance(command, PlaceOrder):
            yield from command.customers

    async def _find_own_carts(self, users: set[UUID]) -> None:
        """For guests nothing is asked."""
        if users:
            self._own_ids = dict((await self.connection.execute(open_carts_of(users))).tuples().all())

    def _carts_named_by(self, command: Command) -> Iterable[UUID]:
        """By itself, and by who is signed in."""
        if command.cart_id:
            yield command.cart_id
        if (user := own_cart_of(command)) in self._own_ids:
            yield self._own_ids[user]

    def _carts_of(self, command: Command) -> Iterable[CartState]:
        return (self.carts[id] for id in self._carts_named_by(command) if id in self.carts)

    async def _load_carts(self, ids: set[UUID]) -> None:
        if not ids:
            return
        for row in await self.connection.execute(carts_to_lock(ids, waits=self.waits)):
            cart = self.carts[row.id] = read_cart(row)
            if cart.user_id and not cart.placed:
                self.own_carts[cart.user_id] = cart
        if not self.waits and (missing := ids - self.carts.keys()):
            self.locked_by_others |= {row.id for row in await self.connection.execute(carts_by_id(missing))}
        for line in await self.connection.execute(lines_of_carts(self.carts)):
            self.carts[line.cart_id].lines[line.id] = read_line(line)
        await self._load_placed_orders([cart.id for cart in self.carts.values() if cart.placed])
        self.locked_by_others |= await self.reservations.load_holds(self.carts, waits=self.waits)

    async def _load_placed_orders(self, carts: Sequence[UUID]) -> None:
        """What became of carts that were placed before, for the second click."""
        if not carts:
            return
        orders = (await self.connection.execute(orders_of_carts(carts))).all()
        lines = (await self.connection.execute(lines_of_orders([order.id for order in orders]))).all()
        for order in orders:
            self.placed_orders[order.cart_id] = PlacedOrder(
                order, [line for line in lines if line.order_id == order.id]
            )

    async def _load_offers(self, commands: Sequence[Command]) -> None:
        wanted = {offer for command in commands for offer in self._offers_of(command)}
        self.offers, locked = await offer_terms_for_sale(self.connection, wanted, waits=self.waits)
        self.locked_by_others |= locked

    def _offers_of(self, command: Command) -> Iterable[UUID]:
        yield from (line.offer_id for line in wanted_lines(command))
        yield from (line.offer_id for cart in self._carts_of(command) for line in cart.lines.values())

    async def _lock_pools(self, commands: Sequence[Command]) -> None:
        served = (command for command in commands if self.can_serve(command))
        demand = demand_of(changes for command in served for changes in self._changes(command))
        self.locked_by_others |= await self.reservations.lock_pools(demand.keys(), demand=demand, waits=self.waits)

    async def _load_limits(self, commands: Sequence[Command]) -> None:
        """What counts for customers and networks; from here on nobody else can take more for them."""
        placements = [command for command in commands if isinstance(command, PlaceOrder)]
        networks = {network for command in commands for network in self._networks_of(command)}
        customers = {customer for placement in placements for customer in placement.customers}
        self.moment, locked = await lock_out_others(self.connection, customers, networks, waits=self.waits)
        self.locked_by_others |= locked
        await self.reservations.load_networks(networks)
        if placements:
            await self._load_customers(
                {placement.email for placement in placements}, {placement.user_id for placement in placements}
            )

    def _networks_of(self, command: Command) -> Iterable[int]:
        """Whose shares it may change."""
        held = (network for cart in self._carts_of(command) for network in self.reservations.networks_of(cart.id))
        yield from (network for network in (command.network, *held) if network is not None)

    async def _load_entitlements(self, commands: Sequence[Command]) -> None:
        """Of who is signed in, where any offer asks for one."""
        if any(offer.entitlement for offer in self.offers.values()):
            users = {command.user_id for command in commands if command.user_id}
            self.entitlements = await entitlements_of(self.connection, users)

    def entitlements_of(self, command: Command) -> frozenset[str]:
        """A guest has none."""
        return self.entitlements.get(command.user_id, frozenset()) if command.user_id else frozenset()

    async def _load_customers(self, emails: set[str], users: set[UUID | None]) -> None:
        known = [user for user in users if user]
        self.held_by = await held_by_customers(self.connection, emails, known)
        if limited := {offer.id for offer in self.offers.values() if offer.max_per_customer}:
            self.bought = await bought_by(self.connection, emails, limited)

    def _changes(self, command: Command) -> Iterable[Units]:
        """How it may change the pools, line by line; 0 for those that it touches at most."""
        for wanted in wanted_lines(command):
            if offer := self.offers.get(wanted.offer_id):
                yield offer.units(wanted.quantity)
        for line in self._concerned(command):
            quantity = command.quantity if isinstance(command, ChangeLine) else line.quantity
            yield self.reservations.missing(line.id, self.offers[line.offer_id].units(quantity))
            if not isinstance(command, PlaceOrder):
                yield dict.fromkeys(self.reservations.pools_of([line.id]), 0)
        if isinstance(command, AddLine | JoinCarts) and command.user_id:
            yield from (dict.fromkeys(self.reservations.pools_of(cart.lines), 0) for cart in self._carts_of(command))

    def _concerned(self, command: Command) -> Iterable[LineState]:
        """The lines already in the command's cart that it takes or frees units for."""
        lines = [line for cart in self._carts_of(command) for line in cart.lines.values()]
        match command:
            case AddLine():
                return [line for line in lines if line.offer_id == command.wanted.offer_id]
            case ChangeLine():
                return [line for line in lines if line.id == command.line_id]
            case JoinCarts():
                return ()
            case PlaceOrder():
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

    def remove(self, cart: CartState) -> None:
        """With the lines that are left in it."""
        del self.carts[cart.id]
        self.touched_carts.pop(cart.id, None)
        self.removed_carts.add(cart.id)

    async def write(self) -> None:
        connection = self.connection
        await upsert_rows(connection, CARTS, [self._cart_row(cart) for cart in self.touched_carts.values()])
        await delete_rows(connection, CART_LINES, [{"id": line_id} for line_id in self.removed_lines])
        await upsert_rows(connection, CART_LINES, [line_row(*touched) for touched in self.touched_lines.values()])
        await delete_rows(connection, CARTS, [{"id": cart_id} for cart_id in self.removed_carts])
        await insert_rows(connection, ORDERS, [asdict(order) for order in self.orders])
        await insert_rows(connection, ORDER_LINES, [asdict(line) for line in self.order_lines])
        await self.reservations.write()
        await publish(connection, *self.events)
        await store_responses(connection, list(self.answers.values()))

    def _cart_row(self, cart: CartState) -> dict[str, Any]:
        return {
            "id": cart.id,
            "currency": cart.currency,
            "locale": cart.locale,
            "created_at": cart.created_at,
            "held_since": cart.held_since,
            "expires_at": cart.expires_at,
            "placed": cart.placed,
            "user_id": cart.user_id,
            "trimmed": cart.trimmed,
            "updated_at": self.moment,
        }
