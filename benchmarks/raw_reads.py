"""The same pages of the catalogue in plain asyncpg: the same queries, their rows into the app's structs, JSON."""

from typing import Any

import asyncpg
import msgspec

from apps.concerts.listing.listing import ConcertQuery
from apps.concerts.schemas import ConcertOut, ConcertSummaryOut, TicketLink, TicketTypeOut, TourNameOut, VenueOut
from apps.core.http.pagination import Page, cursor, list_name
from apps.core.money import price_text
from apps.orders.offers.availability import Availability, left
from apps.shop.listing.listing import ProductQuery
from apps.shop.schemas import (
    CategoryNameOut,
    ImageOut,
    ProductOut,
    ProductSummaryOut,
    ProductSummaryPageOut,
    VariantOut,
)

CURRENCY, LOCALE, LIMIT = "EUR", "en", 20
PIECES = """CASE WHEN (sale_from IS NULL OR sale_from <= now() OR early_from <= now())
    AND (sale_until IS NULL OR sale_until > now())
THEN coalesce((
    SELECT min(CASE
        WHEN capacity - reserved >= units THEN (capacity - reserved) / units
        WHEN capacity - reserved + coalesce((SELECT sum(held.units) FROM (
            SELECT hold.units FROM hold WHERE hold.pool_id = pool.id AND state = 'held' LIMIT offer_pool.units
        ) AS held), 0) >= units THEN 0
        ELSE -1 END)
    FROM offer_pool JOIN pool ON pool.id = pool_id WHERE offer_pool.offer_id = offer.id
), 1000000000) END"""
MEMBERS = """entitlement, members_only OR coalesce(early_from <= now() AND sale_from > now(), false),
    CASE WHEN member_amount < amount THEN member_amount END"""
PRODUCTS = f"""
    SELECT listed.id, listed.slug, listed.title, coalesce(listed.translations #>> ARRAY[$2, 'title'], listed.title),
        category.slug, coalesce(category.translations #>> ARRAY[$2, 'title'], category.title),
        amount, highest, compare_at, stock.pieces, image.source_url, image.alt
    FROM (
        SELECT id, slug, title, translations, product.category_id, amount, highest, compare_at
        FROM product LEFT JOIN product_price ON product_id = product.id AND currency = $1
        WHERE published AND archived_at IS NULL ORDER BY title, id LIMIT 101
    ) AS listed
    LEFT JOIN category ON category.id = listed.category_id AND category.archived_at IS NULL
    CROSS JOIN LATERAL (
        SELECT max({PIECES}) AS pieces
        FROM variant JOIN offer ON offer.id = offer_id WHERE variant.product_id = listed.id AND active
    ) AS stock
    LEFT JOIN LATERAL (
        SELECT source_url, alt FROM product_image WHERE product_id = listed.id ORDER BY position, id LIMIT 1
    ) AS image ON true
    ORDER BY listed.title, listed.id LIMIT $3
"""
PRODUCT = """
    SELECT product.id, product.slug, coalesce(product.translations #>> ARRAY[$2, 'title'], product.title),
        coalesce(product.translations #>> ARRAY[$2, 'description'], description), vendor,
        category.slug, coalesce(category.translations #>> ARRAY[$2, 'title'], category.title), tags, option_names
    FROM product LEFT JOIN category ON category.id = category_id AND category.archived_at IS NULL
    WHERE product.slug = $1 AND published AND product.archived_at IS NULL
"""
VARIANTS = f"""
    SELECT offer.id, options, sku, amount, compare_at, minimum, max_per_order, {PIECES} AS pieces, sale_from, {MEMBERS}
    FROM offer JOIN variant ON variant.offer_id = offer.id
    LEFT JOIN offer_price ON offer_price.offer_id = offer.id AND currency = $2
    WHERE product_id = $1 AND active ORDER BY position, offer.id
"""
IMAGES = "SELECT source_url, alt FROM product_image WHERE product_id = $1 ORDER BY position, id"
PLACE_AND_TOUR = """
    name, city, region, country, latitude::float8, longitude::float8, time_zone,
    tour.slug, coalesce(tour.translations #>> ARRAY[$1, 'title'], tour.title)
"""
LINKS = """CASE WHEN state IN ('announced', 'on_sale') AND starts_at > now() THEN tickets_elsewhere ELSE '[]' END"""
JOINS = """
    JOIN venue ON venue.id = venue_id
    LEFT JOIN tour ON tour.id = tour_id AND tour.archived_at IS NULL
"""
CONCERTS = f"""
    SELECT concert.id, concert.slug, coalesce(concert.translations #>> ARRAY[$1, 'title'], concert.title), starts_at,
        state, {LINKS}, {PLACE_AND_TOUR}, seats.pieces
    FROM concert {JOINS}
    CROSS JOIN LATERAL (
        SELECT max({PIECES}) AS pieces
        FROM ticket_type JOIN offer ON offer.id = offer_id WHERE concert_id = concert.id AND active
    ) AS seats
    WHERE state <> 'draft' AND concert.archived_at IS NULL AND starts_at >= now()
    ORDER BY starts_at, concert.id LIMIT $2
"""
CONCERT = f"""
    SELECT concert.id, concert.slug, coalesce(concert.translations #>> ARRAY[$1, 'title'], concert.title),
        coalesce(concert.translations #>> ARRAY[$1, 'description'], concert.description), starts_at, on_sale_at, state,
        lineup, {LINKS}, {PLACE_AND_TOUR}
    FROM concert {JOINS} WHERE concert.slug = $2 AND state <> 'draft' AND concert.archived_at IS NULL
"""
TICKET_TYPES = f"""
    SELECT offer.id, coalesce(translations #>> ARRAY[$1, 'name'], name), amount, minimum, sale_from, sale_until,
        max_per_order, {PIECES} AS pieces, {MEMBERS}
    FROM offer JOIN ticket_type ON ticket_type.offer_id = offer.id
    LEFT JOIN offer_price ON offer_price.offer_id = offer.id AND currency = $3
    WHERE concert_id = $2 AND active ORDER BY position, offer.id
"""
IN_PRODUCTS, IN_CONCERTS = (
    list_name(each) for each in (ProductQuery(currency=CURRENCY, locale=LOCALE), ConcertQuery())
)


async def products(db: asyncpg.Pool) -> bytes:
    rows = await db.fetch(PRODUCTS, CURRENCY, LOCALE, LIMIT + 1)
    last = rows[LIMIT - 1]
    more = cursor(IN_PRODUCTS, last["title"], str(last["id"])) if len(rows) > LIMIT else None
    page = ProductSummaryPageOut([product_summary(row) for row in rows[:LIMIT]], more, truncated=False)
    return msgspec.json.encode(page)


def product_summary(row: Any) -> ProductSummaryOut:
    id, slug, _, title, category, category_title, amount, highest, before, pieces, url, alt = row
    state = left(pieces).availability or Availability.sold_out
    named = CategoryNameOut(category, category_title) if category else None
    image = ImageOut(url, alt) if url else None
    prices = (amount, text_of(amount), highest, before, text_of(before))
    return ProductSummaryOut(id, slug, title, named, CURRENCY, *prices, state, image)


def text_of(amount: int | None) -> str | None:
    return price_text(amount, CURRENCY, LOCALE)


async def product(db: asyncpg.Pool, slug: str) -> bytes:
    async with db.acquire() as connection:
        (found,) = await connection.fetch(PRODUCT, slug, LOCALE)
        id, slug, title, description, vendor, *category, tags, options = found
        variants = [variant(row) for row in await connection.fetch(VARIANTS, id, CURRENCY)]
        images = [ImageOut(*row) for row in await connection.fetch(IMAGES, id)]
    named = CategoryNameOut(*category) if category[0] else None
    return msgspec.json.encode(
        ProductOut(id, slug, title, description, vendor, named, tags, options, CURRENCY, variants, images)
    )


def variant(row: Any) -> VariantOut:
    id, options, sku, amount, compare_at, minimum, most, pieces, sale_from, key, only, less = row
    state = left(pieces)
    prices = (amount, text_of(amount), compare_at, text_of(compare_at), minimum)
    offered = (most, state.availability, state.left)
    return VariantOut(id, options, sku, *prices, *offered, sale_from, key, only, less, text_of(less))


async def concerts(db: asyncpg.Pool) -> bytes:
    rows = await db.fetch(CONCERTS, LOCALE, LIMIT + 1)
    last = rows[LIMIT - 1]
    more = cursor(IN_CONCERTS, last["starts_at"].isoformat(), str(last["id"])) if len(rows) > LIMIT else None
    return msgspec.json.encode(Page([concert_summary(row) for row in rows[:LIMIT]], more))


def concert_summary(row: Any) -> ConcertSummaryOut:
    id, slug, title, starts_at, state, links, *place, pieces = row
    seats = left(pieces).availability
    return ConcertSummaryOut(
        id, slug, title, starts_at, state, *venue_and_tour(place), seats, None, links_of(links, on_sale=bool(seats))
    )


def links_of(links: list[Any], *, on_sale: bool) -> list[TicketLink]:
    return [] if on_sale else msgspec.convert(links, list[TicketLink])


def venue_and_tour(place: list[Any]) -> tuple[VenueOut, TourNameOut | None]:
    *venue, slug, title = place
    return VenueOut(*venue), TourNameOut(slug, title) if slug else None


async def concert(db: asyncpg.Pool, slug: str) -> bytes:
    async with db.acquire() as connection:
        (found,) = await connection.fetch(CONCERT, LOCALE, slug)
        types = [ticket_type(row) for row in await connection.fetch(TICKET_TYPES, LOCALE, found["id"], CURRENCY)]
    id, slug, title, description, starts_at, on_sale_at, state, lineup, links, *place = found
    elsewhere = links_of(links, on_sale=any(each.availability for each in types))
    head = (id, slug, title, description, starts_at, on_sale_at, state)
    return msgspec.json.encode(ConcertOut(*head, *venue_and_tour(place), lineup, CURRENCY, types, elsewhere))


def ticket_type(row: Any) -> TicketTypeOut:
    id, name, amount, minimum, sale_from, sale_until, most, pieces, key, only, less = row
    seats, text = left(pieces), text_of(amount)
    offered = (sale_from, sale_until, most, seats.availability, seats.left)
    return TicketTypeOut(id, name, amount, text, minimum, *offered, key, only, less, text_of(less))
