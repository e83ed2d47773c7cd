"""The list of products: searched, filtered, sorted, a page at a time; the work is bounded however many there are.

Every order is that of an index, and a page begins in it where the one before has ended. What the index of the order
does not know (stock; the price, in an order that is not the price's) is looked up for SCANNED products a page and no
more: where few of these fit, the page is short, and `next` goes on behind them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.http.pagination import cursor, cursor_values, list_name
from apps.core.money import price_text
from apps.orders.offers.availability import Availability, left
from apps.shop.listing.spelling import find_wording
from apps.shop.listing.statements import KEYS, Shape, Sort, cut_of, end_of_scan, page_of
from apps.shop.repositories import category_name
from apps.shop.schemas import ImageOut, ProductSummaryOut, ProductSummaryPageOut


class ProductQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Without `sort`: by relevance when searched, by price when a price is named, else by title."""

    currency: str
    locale: str
    q: str = ""
    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool = False
    tag: str | None = None
    vendor: str | None = None
    ids: Sequence[UUID] | None = None
    sort: Sort | None = None

    @property
    def order(self) -> Sort:
        if self.sort and (self.q or self.sort is not Sort.relevance):
            return self.sort
        if self.q:
            return Sort.relevance
        return Sort.alphabetic if self.price_min is None and self.price_max is None else Sort.cheapest


async def list_products(
    connection: AsyncConnection, query: ProductQuery, *, limit: int, after: str | None
) -> ProductSummaryPageOut:
    """What is published, with the cheapest price and whether anything is left.

    One query; one more for a search, and one for a short page.
    """
    shape = _shape(query, begins=not after)
    words = msgspec.structs.asdict(await find_wording(connection, query.q)) if query.q else {}
    values = _values(query) | words | _place(query, after)
    rows = (await connection.execute(page_of(shape), {**values, "size": limit + 1})).all()
    items = [_summary(row, query.currency, query.locale) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else await _last_scanned(connection, shape, values)
    next_cursor = cursor(list_name(query), *_key(last, shape)) if last else None
    return ProductSummaryPageOut(items, next_cursor, truncated=await _is_truncated(connection, shape, values, rows))


def _shape(query: ProductQuery, *, begins: bool) -> Shape:
    return Shape(
        order=query.order,
        begins=begins,
        is_search=bool(query.q),
        has_category=query.category is not None,
        has_least_price=query.price_min is not None,
        has_most_price=query.price_max is not None,
        in_stock=query.in_stock,
        has_tag=query.tag is not None,
        has_vendor=query.vendor is not None,
        has_ids=query.ids is not None,
    )


def _values(query: ProductQuery) -> dict[str, Any]:
    values = {"currency": query.currency, "locale": query.locale, "category": query.category}
    prices = {"price_min": query.price_min, "price_max": query.price_max}
    return {**values, **prices, "tag": query.tag, "vendor": query.vendor, "ids": query.ids}


def _place(query: ProductQuery, after: str | None) -> dict[str, Any]:
    if not after:
        return {}
    kinds = KEYS[query.order]
    key = cursor_values(query, after, kinds.values())
    return {f"after_{each}": value for each, value in zip(kinds, key, strict=True)}


def _key(row: Row[Any], shape: Shape) -> list[str]:
    values = (getattr(row, name) for name in KEYS[shape.order])
    return [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]


async def _last_scanned(connection: AsyncConnection, shape: Shape, values: dict[str, Any]) -> Row[Any] | None:
    """The product behind which a short page goes on; None when the list has ended."""
    if not shape.is_scan:
        return None
    return (await connection.execute(end_of_scan(shape), values)).one_or_none()


async def _is_truncated(
    connection: AsyncConnection, shape: Shape, values: dict[str, Any], rows: Sequence[Row[Any]]
) -> bool:
    """Whether a search looked at a part of what it found."""
    if not shape.is_search:
        return False
    if rows:
        return bool(rows[0].is_cut)
    return bool((await connection.execute(cut_of(has_category=shape.has_category), values)).scalar())


def _summary(row: Row[Any], currency: str, locale: str) -> ProductSummaryOut:
    image = ImageOut(row.source_url, row.alt) if row.source_url else None
    state = left(row.pieces).availability or Availability.sold_out
    return ProductSummaryOut(
        id=row.id,
        slug=row.slug,
        title=row.shown_title,
        category=category_name(row),
        currency=currency,
        price_from=row.amount,
        price_text=price_text(row.amount, currency, locale),
        price_to=row.highest,
        compare_at=row.compare_at,
        compare_at_text=price_text(row.compare_at, currency, locale),
        availability=state,
        image=image,
    )
