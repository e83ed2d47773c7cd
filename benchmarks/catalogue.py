"""Things to sell, made straight in the database of a benchmark."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, ConcertState, TicketType, Venue
from apps.core.db.database import Database
from apps.inventory.models import Pool
from apps.orders.models import OfferPool, OfferPrice

SIZES = ("S", "M", "L", "XL")
CATEGORIES = 20
CONCERTS, WAYS_IN = 200, ("Standing", "Balcony", "VIP")
# Ids are made of numbers, so that each statement knows those of the others.
NUMBERS = "generate_series(CAST(:first AS int), :last) AS n"
MADE = f"{NUMBERS} CROSS JOIN unnest(ARRAY{list(SIZES)}) WITH ORDINALITY AS sizes (size, place)"
OFFER, POOL = (f"CAST(md5('{kind}' || n || size) AS uuid)" for kind in ("offer", "pool"))
PRODUCT, CATEGORY = "CAST(md5('product' || n) AS uuid)", f"CAST(md5('category' || n % {CATEGORIES}) AS uuid)"
STATEMENTS = (
    f"""INSERT INTO category (id, slug, title) SELECT DISTINCT ON (1) {CATEGORY}, 'category-' || n % {CATEGORIES},
        'Category ' || n % {CATEGORIES} FROM {NUMBERS} ON CONFLICT DO NOTHING""",
    f"""INSERT INTO product (id, slug, title, category_id, option_names)
        SELECT {PRODUCT}, 'shirt-' || lpad(n::text, 10, '0'), 'Shirt ' || lpad(n::text, 10, '0'), {CATEGORY}, '["Size"]'
        FROM {NUMBERS}""",
    f"""INSERT INTO product_image (id, product_id, source_url, alt)
        SELECT gen_random_uuid(), {PRODUCT}, 'https://img.example/' || n || '.jpg', 'Shirt ' || n
        FROM {NUMBERS}""",
    f"INSERT INTO pool (id, name, capacity) SELECT {POOL}, 'Shirt ' || n || size, n % 50 FROM {MADE}",
    f"""INSERT INTO offer (id, kind, title, needs_shipping)
        SELECT {OFFER}, 'merch', 'Shirt ' || n || ' · ' || size, true FROM {MADE}""",
    f"INSERT INTO offer_pool (offer_id, pool_id) SELECT {OFFER}, {POOL} FROM {MADE}",
    f"INSERT INTO offer_price (offer_id, currency, amount) SELECT {OFFER}, 'EUR', 2500 + n % 100 + place FROM {MADE}",
    f"""INSERT INTO variant (offer_id, product_id, options, position)
        SELECT {OFFER}, {PRODUCT}, jsonb_build_array(size), place FROM {MADE}""",
)


async def make_hot_tickets(url: str, capacities: Sequence[int]) -> list[tuple[UUID, UUID]]:
    """(offer, pool) of a ticket type over one pool, for each capacity."""
    db = Database(url)
    async with db.begin() as session:
        concert = add_concert(session, add_venue(session, 0), 0)
        made = [add_ticket_type(session, concert, "Standing", capacity) for capacity in capacities]
    await db.close()
    return [(each.offer_id, each.allocation[0].pool_id) for each in made]


async def make_products(url: str, first: int, last: int) -> None:
    """Numbers `first` to `last`, by one statement a table."""
    db = Database(url)
    async with db.transaction() as connection:
        for statement in STATEMENTS:
            await connection.execute(text(statement), {"first": first, "last": last})
    await vacuum(db)


async def make_concerts(url: str) -> None:
    db = Database(url)
    async with db.begin() as session:
        venues = [add_venue(session, number) for number in range(20)]
        for number in range(1, CONCERTS + 1):
            concert = add_concert(session, venues[number % 20], number)
            for name in WAYS_IN:
                add_ticket_type(session, concert, name, 500)
    await vacuum(db)


async def vacuum(db: Database) -> None:
    async with db.reads() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    await db.close()


def add_pool(session: AsyncSession, name: str, capacity: int) -> UUID:
    pool = Pool(id=uuid7(), name=name, capacity=capacity)
    session.add(pool)
    return pool.id


def add_venue(session: AsyncSession, number: int) -> Venue:
    venue = Venue(
        id=uuid7(), name=f"Hall {number}", city="Berlin", region="", country="Germany", time_zone="Europe/Berlin"
    )
    session.add(venue)
    return venue


def add_concert(session: AsyncSession, venue: Venue, number: int) -> Concert:
    starts_at = datetime.now(UTC) + timedelta(days=number + 1)
    concert = Concert(
        id=uuid7(),
        slug=f"live-{number:010}",
        title="Live",
        venue=venue,
        starts_at=starts_at,
        state=ConcertState.on_sale,
    )
    session.add(concert)
    return concert


def add_ticket_type(session: AsyncSession, concert: Concert, name: str, capacity: int) -> TicketType:
    ticket = TicketType(title=f"Live · {name}", name=name, concert=concert)
    ticket.prices = [OfferPrice(currency="EUR", amount=3000)]
    ticket.allocation = [OfferPool(pool_id=add_pool(session, ticket.title, capacity), units=1)]
    session.add(ticket)
    return ticket
