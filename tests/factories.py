"""Things to sell, made straight in the database: what a test needs, and no more."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, ConcertState, TicketType, Venue
from apps.inventory.models import Pool
from apps.orders.models import OfferPool, OfferPrice
from apps.shop.models import Product, Variant


async def make_pool(session: AsyncSession, capacity: int, *, name: str = "pool") -> Pool:
    pool = Pool(name=name, capacity=capacity)
    session.add(pool)
    await session.flush()
    return pool


async def make_shirt(
    session: AsyncSession,
    *,
    stock: int | None = 40,
    price: int = 2500,
    minimum: int | None = None,
    ships: bool = True,
    max_per_order: int = 10,
) -> Variant:
    """A variant of a product of its own; without `stock` it never runs out; with `minimum` the fan names the price."""
    name = f"shirt-{uuid7()}"
    product = Product(slug=name, title="Shirt", option_names=["Size"])
    variant = Variant(
        title="Shirt · L", options=["L"], product=product, needs_shipping=ships, max_per_order=max_per_order
    )
    variant.prices = [OfferPrice(currency="EUR", amount=price, minimum=minimum)]
    if stock is not None:
        variant.allocation = [OfferPool(pool_id=(await make_pool(session, stock)).id, units=1)]
    session.add(variant)
    await session.flush()
    return variant


async def make_concert(session: AsyncSession, *, days: int = 30) -> Concert:
    name = f"hall-{uuid7()}"
    venue = Venue(name=name, city="Berlin", country="Germany", time_zone="Europe/Berlin")
    session.add(venue)
    await session.flush()
    starts_at = datetime.now(UTC) + timedelta(days=days)
    concert = Concert(slug=name, title="Live", venue_id=venue.id, starts_at=starts_at, state=ConcertState.on_sale)
    session.add(concert)
    await session.flush()
    return concert


async def make_ticket_type(
    session: AsyncSession,
    pools: Mapping[UUID, int],
    *,
    concert: Concert | None = None,
    price: int = 3000,
    max_per_order: int = 10,
    max_per_customer: int | None = None,
) -> TicketType:
    """`pools`: pool id → units a ticket takes."""
    concert = concert or await make_concert(session)
    ticket = TicketType(
        title="Live · Standing",
        name="Standing",
        concert_id=concert.id,
        max_per_order=max_per_order,
        max_per_customer=max_per_customer,
    )
    ticket.prices = [OfferPrice(currency="EUR", amount=price)]
    ticket.allocation = [OfferPool(pool_id=pool, units=units) for pool, units in pools.items()]
    session.add(ticket)
    await session.flush()
    return ticket


async def make_tickets(
    session: AsyncSession,
    places: int,
    *,
    price: int = 3000,
    max_per_order: int = 10,
    max_per_customer: int | None = None,
) -> TicketType:
    """A ticket type over a pool of its own."""
    pool = await make_pool(session, places)
    return await make_ticket_type(
        session, {pool.id: 1}, price=price, max_per_order=max_per_order, max_per_customer=max_per_customer
    )


async def make_hall(session: AsyncSession, *, places: int = 4, front_places: int = 2) -> tuple[TicketType, TicketType]:
    """Standing and front tickets of one concert: a front place is one of the hall's places too."""
    concert = await make_concert(session)
    hall, front = await make_pool(session, places, name="hall"), await make_pool(session, front_places, name="front")
    standing = await make_ticket_type(session, {hall.id: 1}, concert=concert)
    return standing, await make_ticket_type(session, {hall.id: 1, front.id: 1}, concert=concert, price=5000)
