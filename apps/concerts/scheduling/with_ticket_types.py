"""Saves a concert with its hall and ticket types, all or nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert, TicketType
from apps.concerts.repositories import TICKET_TYPES
from apps.concerts.scheduling.concerts import add_concert, change_concert, concert_label_of
from apps.concerts.scheduling.with_ticket_types_schemas import (
    ConcertWithTicketTypesIn,
    TicketTypeRowIn,
)
from apps.concerts.staff_schemas import LAST_PLACE, TicketTypeIn
from apps.concerts.ticket_types.concert_pools import ConcertPool, ConcertPools, concert_pools_of
from apps.concerts.ticket_types.current_ticket_types import ticket_types_in_use
from apps.concerts.ticket_types.pricing import priced
from apps.concerts.ticket_types.ticket_types import archive_ticket_types, errors_in, write_changes, write_new
from apps.core.db.bulk import found_by
from apps.core.errors import FieldError, Invalid
from apps.core.http.validation import REQUIRED
from apps.core.text.i18n import lazy as _
from apps.inventory.models import MovementReason
from apps.inventory.services import NewPool, StockInUse, move, open_pools
from apps.orders.models import Order, OrderLine, OrderState
from apps.orders.offers.terms import members_of, prices_of
from apps.orders.repositories import ALLOCATIONS, OFFERS
from project.settings import settings

NO_TICKET_TYPE = _("There is no such ticket type.")
NO_CAPACITY = _("Enter how many places there are, here or in the hall.")
MORE_THAN_HALL = _("The hall has {places} places.")
CAPACITY_OF_THEIR_OWN = _("The ticket types have places of their own: change those.")
SOLD_UNCOUNTED = _("Some of these tickets are sold, and were not counted. Add another ticket type instead.")
Written = tuple[TicketType | None, TicketTypeIn]
"""The ticket type, None for a new one, and what it is to be."""
COLUMNS = {"prices": "price", "allocation": "capacity"}


async def add_with_ticket_types(session: AsyncSession, data: ConcertWithTicketTypesIn, *, actor: str) -> Concert:
    """A draft. Raises Invalid, SlugTaken."""
    concert = await add_concert(session, data, actor=actor)
    await _save(session, concert, data, actor=actor)
    return concert


async def change_with_ticket_types(
    session: AsyncSession, concert: Concert, data: ConcertWithTicketTypesIn, *, actor: str
) -> None:
    """The concert is locked. As many statements for many ticket types as for few.

    Raises what `change_concert` does, TooManyTicketTypes, LastTicketType, and Invalid with all that is wrong.
    """
    await _lock_uncounted(session, concert)
    await change_concert(session, concert, data, actor=actor)
    await _save(session, concert, data, actor=actor)


async def _lock_uncounted(session: AsyncSession, concert: Concert) -> None:
    """Who buys what nothing is counted of waits until it is clear whether it is counted from now on.

    Before any pool, as who buys has them: `apps.orders.repositories.offer_terms_for_sale`.
    """
    counted = exists().where(ALLOCATIONS.c.offer_id == OFFERS.c.id)
    of_concert = select(TICKET_TYPES.c.offer_id).where(TICKET_TYPES.c.concert_id == concert.id)
    found = select(OFFERS.c.id).where(found_by(OFFERS.c.id, of_concert), ~counted).order_by(OFFERS.c.id)
    await session.execute(found.with_for_update())


async def _save(session: AsyncSession, concert: Concert, data: ConcertWithTicketTypesIn, *, actor: str) -> None:
    pools = (await concert_pools_of(session, [concert.id]))[concert.id]
    known = {each.id: each for each in await ticket_types_in_use(session, concert.id)}
    name = await concert_label_of(session, concert)
    await _BoxOffice(session, concert, pools, known, name=name, actor=actor).save(data)


class _BoxOffice:
    """Pools are moved at the end, together and in their order, as sales lock them."""

    def __init__(
        self,
        session: AsyncSession,
        concert: Concert,
        pools: ConcertPools,
        known: dict[UUID, TicketType],
        *,
        name: str,
        actor: str,
    ) -> None:
        self.session, self.concert, self.pools, self.known = session, concert, pools, known
        self.name, self.actor = name, actor
        self.hall = pools.hall.id if pools.hall else None
        self.new_hall: UUID | None = None
        self.hall_capacity = 0
        self.new_pools: list[NewPool] = []
        self.sizes: dict[UUID, tuple[str, int]] = {}
        """Pool → the field it is typed into, and by how much it changes."""

    async def save(self, data: ConcertWithTicketTypesIn) -> None:
        self._plan_hall(data.capacity)
        written, errors = self._plan_rows(data.ticket_types)
        await open_pools(await self.session.connection(), self.new_pools, actor=self.actor)
        if errors := [*errors, *await self._wrong_with(written)]:
            raise Invalid(errors=errors)
        await self._write(written.values())
        archived = [self.known[row.id] for row in data.ticket_types if row.id and row.archived]
        await archive_ticket_types(self.session, self.concert, archived, actor=self.actor)
        await self._move()

    def _plan_hall(self, capacity: int | None) -> None:
        self.hall_capacity = capacity or 0
        if self.pools.hall:
            if capacity is None:
                raise Invalid(errors=[FieldError("capacity", REQUIRED)])
            self._resize(self.pools.hall, capacity, field="capacity")
        elif capacity is not None:
            if self.pools.allocations:
                raise Invalid(errors=[FieldError("capacity", CAPACITY_OF_THEIR_OWN)])
            self.hall = self.new_hall = self._open(self.name, capacity)

    def _plan_rows(self, rows: Sequence[TicketTypeRowIn]) -> tuple[dict[int, Written], list[FieldError]]:
        """What each that is not archived is to be, by its number; and what is wrong with the others."""
        written: dict[int, Written] = {}
        errors: list[FieldError] = []
        for number, row in enumerate(rows):
            try:
                ticket_type = self._known(row)
                if not row.archived:
                    allocation = self._allocation(number, row, ticket_type)
                    written[number] = (
                        ticket_type,
                        _wanted(self._place(number, ticket_type), row, ticket_type, allocation),
                    )
            except Invalid as error:
                errors += [_beside(number, each) for each in error.details["errors"]]
        return written, errors

    def _known(self, row: TicketTypeRowIn) -> TicketType | None:
        if row.id is not None and row.id not in self.known:
            raise Invalid(errors=[FieldError("name", NO_TICKET_TYPE)])
        return self.known.get(row.id) if row.id else None

    def _place(self, number: int, ticket_type: TicketType | None) -> int:
        """What is new comes last."""
        last = max((each.position for each in self.known.values()), default=-1)
        return ticket_type.position if ticket_type else min(last + 1 + number, LAST_PLACE)

    def _allocation(self, number: int, row: TicketTypeRowIn, ticket_type: TicketType | None) -> dict[UUID, int]:
        """What it takes now, else of the hall, with its own places as they were typed."""
        before = self.pools.allocations.get(ticket_type.id, {}) if ticket_type else {}
        own = self.pools.own(ticket_type.id) if ticket_type else None
        hall = self.new_hall if ticket_type else self.hall
        allocation = dict(before) or ({hall: 1} if hall else {})
        if own and row.capacity is None:
            del allocation[own.id]
        elif own and row.capacity is not None:
            self._resize(own, row.capacity, field=f"ticket_types[{number}].capacity")
        elif row.capacity is not None:
            allocation[self._open(f"{self.name}: {row.name}", row.capacity)] = 1
        if not allocation and (before or ticket_type is None):
            raise Invalid(errors=[FieldError("capacity", NO_CAPACITY)])
        if row.capacity is not None and self.hall in allocation:
            self._refuse_more_than_hall(row.capacity, own)
        return allocation

    def _refuse_more_than_hall(self, capacity: int, own: ConcertPool | None) -> None:
        """What was so before may stay so."""
        is_changed = own is None or capacity != own.capacity or self.hall in self.sizes
        if is_changed and capacity > self.hall_capacity:
            raise Invalid(errors=[FieldError("capacity", MORE_THAN_HALL, {"places": self.hall_capacity})])

    def _resize(self, pool: ConcertPool, capacity: int, *, field: str) -> None:
        if capacity != pool.capacity:
            self.sizes[pool.id] = (field, capacity - pool.capacity)

    def _open(self, name: str, capacity: int) -> UUID:
        self.new_pools.append(pool := NewPool(name=name, units=capacity))
        return pool.id

    async def _wrong_with(self, written: Mapping[int, Written]) -> Sequence[FieldError]:
        sold = await self._sold_uncounted(written.values())
        found = await errors_in(self.session, self.concert, [each for _one, each in written.values()])
        errors = [_beside(number, error) for number, each in zip(written, found, strict=True) for error in each]
        uncounted = [number for number, (one, _each) in written.items() if one and one.id in sold]
        return errors + [_beside(number, FieldError("capacity", SOLD_UNCOUNTED)) for number in uncounted]

    async def _sold_uncounted(self, written: Iterable[Written]) -> set[UUID]:
        """Ticket types that are to take from a pool more, and have sold tickets which it would sell again."""
        before = self.pools.allocations
        newly = [one.id for one, each in written if one and each.allocation.keys() - before.get(one.id, {}).keys()]
        ordered = select(OrderLine.offer_id).join(Order, Order.id == OrderLine.order_id)
        kept = Order.state.in_([OrderState.pending, OrderState.paid])
        return set(await self.session.scalars(ordered.where(OrderLine.offer_id.in_(newly), kept).distinct()))

    async def _write(self, written: Collection[Written]) -> None:
        changed = {ticket_type: each for ticket_type, each in written if ticket_type}
        await write_changes(self.session, self.concert, changed, actor=self.actor)
        new = [each for ticket_type, each in written if ticket_type is None]
        await write_new(self.session, self.concert, new, actor=self.actor)

    async def _move(self) -> None:
        deltas = {pool: delta for pool, (_field, delta) in self.sizes.items()}
        connection = await self.session.connection()
        try:
            await move(connection, deltas, reason=MovementReason.counted, actor=self.actor)
        except StockInUse as error:
            fields = [self.sizes[UUID(pool)][0] for pool in error.details["pools"]]
            raise Invalid(errors=[FieldError(field, StockInUse.message) for field in fields]) from None


def _wanted(
    position: int, row: TicketTypeRowIn, ticket_type: TicketType | None, allocation: dict[UUID, int]
) -> TicketTypeIn:
    known = prices_of(ticket_type) if ticket_type else {}
    others = {currency: price for currency, price in known.items() if currency != settings.currency}
    prices = others if row.price is None else priced(known, row.price)
    if not prices:
        raise Invalid(errors=[FieldError("price", REQUIRED)])
    return TicketTypeIn(
        name=row.name,
        prices=prices,
        allocation=allocation,
        position=position,
        max_per_order=row.max_per_order,
        max_per_customer=row.max_per_customer,
        sale_from=row.sale_from,
        sale_until=row.sale_until,
        translations=row.translations,
        **(members_of(ticket_type) if ticket_type else {}),
    )


def _beside(number: int, error: FieldError) -> FieldError:
    """What is wrong with a ticket type, at the field of its row."""
    name = error.field.partition(".")[0]
    return FieldError(f"ticket_types[{number}].{COLUMNS.get(name, name)}", error.message, error.values)
