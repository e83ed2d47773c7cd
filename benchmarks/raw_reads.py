"""The same pages of the catalogue in plain asyncpg: one query, its rows into the app's structs, JSON."""

from typing import Any

import asyncpg
import msgspec

from apps.concerts.schemas import ConcertOut, TicketTypeOut, VenueOut
from apps.core.pagination import Page, cursor
from apps.orders.availability import Availability, left
from apps.shop.schemas import ImageOut, ProductSummaryOut

PRODUCTS = """
    SELECT product.id, slug, title, category, offers.price, offers.pieces, image.source_url, image.alt
    FROM product
    CROSS JOIN LATERAL (
        SELECT min(amount) AS price, max(coalesce(pieces, 1000000000)) AS pieces
        FROM variant
        JOIN offer ON offer.id = variant.offer_id
        LEFT JOIN offer_price ON offer_price.offer_id = offer.id AND currency = $1
        CROSS JOIN LATERAL (
            SELECT min((capacity - taken) / units) AS pieces
            FROM pool JOIN offer_pool ON offer_pool.pool_id = pool.id WHERE offer_pool.offer_id = offer.id
        ) AS pools
        WHERE variant.product_id = product.id AND active
    ) AS offers
    LEFT JOIN LATERAL (
        SELECT source_url, alt FROM product_image WHERE product_id = product.id ORDER BY position LIMIT 1
    ) AS image ON true
    WHERE published ORDER BY title, product.id LIMIT $2
"""
CONCERT = """
    SELECT concert.id, concert.slug, concert.title, description, starts_at, on_sale_at, concert.state, lineup,
        venue.name, city, region, country, latitude::float8, longitude::float8, time_zone,
        offer.id AS offer_id, ticket_type.name AS type_name, amount, minimum, sale_from, sale_until, max_per_order,
        pieces
    FROM concert
    JOIN venue ON venue.id = venue_id
    LEFT JOIN ticket_type ON concert_id = concert.id
    LEFT JOIN offer ON offer.id = ticket_type.offer_id AND active
    LEFT JOIN offer_price ON offer_price.offer_id = offer.id AND currency = $2
    LEFT JOIN LATERAL (
        SELECT min((capacity - taken) / units) AS pieces
        FROM pool JOIN offer_pool ON offer_pool.pool_id = pool.id WHERE offer_pool.offer_id = offer.id
    ) AS pools ON true
    WHERE concert.slug = $1 AND state <> 'draft' ORDER BY ticket_type.position, offer.id
"""


async def products(db: asyncpg.Pool, currency: str = "EUR", limit: int = 20) -> bytes:
    rows = await db.fetch(PRODUCTS, currency, limit + 1)
    items = [product(row, currency) for row in rows[:limit]]
    more = len(rows) > limit
    return msgspec.json.encode(Page(items, cursor(items[-1].title, str(items[-1].id)) if more else None))


def product(row: Any, currency: str) -> ProductSummaryOut:
    id, slug, title, category, price, pieces, url, alt = row
    state = Availability.sold_out if pieces is None else left(pieces).availability
    return ProductSummaryOut(id, slug, title, category, currency, price, state, ImageOut(url, alt) if url else None)


async def concert(db: asyncpg.Pool, slug: str, currency: str = "EUR") -> bytes:
    rows = await db.fetch(CONCERT, slug, currency)
    id, slug, title, description, starts_at, on_sale_at, state, lineup, *venue = rows[0][:15]
    types = [ticket_type(row) for row in rows if row["offer_id"]]
    place = VenueOut(*venue)
    page = ConcertOut(id, slug, title, description, starts_at, on_sale_at, state, place, lineup, currency, types)
    return msgspec.json.encode(page)


def ticket_type(row: Any) -> TicketTypeOut:
    id, name, amount, minimum, sale_from, sale_until, max_per_order, pieces = row[15:]
    seats = left(pieces)
    return TicketTypeOut(
        id, name, amount, minimum, sale_from, sale_until, max_per_order, seats.availability, seats.left
    )
