"""Things to sell, made straight in the database of a benchmark."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, ConcertState, TicketType, Venue
from apps.core.db import Database
from apps.inventory.models import Pool
from apps.orders.models import OfferPool, OfferPrice
from apps.shop.models import Product, ProductImage, Variant

PRODUCTS, SIZES = 1000, ("S", "M", "L", "XL")
CONCERTS, WAYS_IN = 200, ("Standing", "Balcony", "VIP")


async def make_hot_tickets(url: str, capacities: Sequence[int]) -> list[tuple[UUID, UUID]]:
    """(offer, pool) of a ticket type over one pool, for each capacity."""
    db = Database(url)
    async with db.begin() as session:
        concert = add_concert(session, add_venue(session, 0), 0)
        made = [add_ticket_type(session, concert, "Standing", capacity) for capacity in capacities]
    await db.close()
    return [(each.offer_id, each.recipe[0].pool_id) for each in made]


async def make_catalogue(url: str) -> None:
    db = Database(url)
    async with db.begin() as session:
        for number in range(PRODUCTS):
            add_product(session, number)
        venues = [add_venue(session, number) for number in range(20)]
        for number in range(CONCERTS):
            concert = add_concert(session, venues[number % 20], number)
            for name in WAYS_IN:
                add_ticket_type(session, concert, name, 500)
    async with db.reads() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    await db.close()


def add_pool(session: AsyncSession, name: str, capacity: int) -> UUID:
    pool = Pool(id=uuid7(), name=name, capacity=capacity)
    session.add(pool)
    return pool.id


def add_product(session: AsyncSession, number: int) -> None:
    title = f"Shirt {number:04}"
    product = Product(slug=f"shirt-{number}", title=title, category="Shirts", option_names=["Size"])
    product.images = [ProductImage(source_url=f"https://img.example/{number}.jpg", alt=title)]
    for position, size in enumerate(SIZES):
        variant = Variant(title=f"{title} · {size}", options=[size], position=position, needs_shipping=True)
        variant.prices = [OfferPrice(currency="EUR", amount=2500 + position)]
        variant.recipe = [OfferPool(pool_id=add_pool(session, variant.title, number % 50), units=1)]
        product.variants.append(variant)
    session.add(product)


def add_venue(session: AsyncSession, number: int) -> Venue:
    venue = Venue(
        id=uuid7(), name=f"Hall {number}", city="Berlin", region="", country="Germany", time_zone="Europe/Berlin"
    )
    session.add(venue)
    return venue


def add_concert(session: AsyncSession, venue: Venue, number: int) -> Concert:
    starts_at = datetime.now(UTC) + timedelta(days=number + 1)
    concert = Concert(
        id=uuid7(), slug=f"live-{number}", title="Live", venue=venue, starts_at=starts_at, state=ConcertState.on_sale
    )
    session.add(concert)
    return concert


def add_ticket_type(session: AsyncSession, concert: Concert, name: str, capacity: int) -> TicketType:
    ticket = TicketType(title=f"Live · {name}", name=name, concert=concert)
    ticket.prices = [OfferPrice(currency="EUR", amount=3000)]
    ticket.recipe = [OfferPool(pool_id=add_pool(session, ticket.title, capacity), units=1)]
    session.add(ticket)
    return ticket
