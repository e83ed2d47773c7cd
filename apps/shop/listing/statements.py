"""Statements of the list of products, one for each shape of question, each made once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from apps.core.db.bulk import among_ids
from apps.core.text.translations import in_locale
from apps.orders.offers.availability import pieces_on_sale
from apps.orders.prices import MOMENT
from apps.orders.repositories import OFFERS
from apps.shop.listing.search import candidates, rank
from apps.shop.repositories import (
    CATEGORIES,
    CATEGORY_TITLE,
    IMAGES,
    IS_PUBLISHED,
    PRODUCT_PRICES,
    PRODUCTS,
    VARIANTS,
    category_of,
    has_tag,
)

LONGEST_PAGE = 101
SCANNED = 1000


class Sort(StrEnum):
    """`-` turns an order round."""

    relevance = "relevance"
    alphabetic = "title"
    cheapest = "price"
    dearest = "-price"
    newest = "newest"


BY_PRICE = (Sort.cheapest, Sort.dearest)
DOWNWARDS = (Sort.dearest, Sort.newest)
Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
KEYS: dict[Sort, dict[str, Any]] = {
    Sort.relevance: {"rank": Number, "title": str, "id": UUID},
    Sort.alphabetic: {"title": str, "id": UUID},
    Sort.cheapest: {"amount": Number, "id": UUID},
    Sort.dearest: {"amount": Number, "id": UUID},
    Sort.newest: {"created_at": Annotated[datetime, Meta(tz=True)], "id": UUID},
}
"""What each order goes by, the last one telling equals apart."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement depends on; the rest are its parameters."""

    order: Sort
    begins: bool
    is_search: bool
    has_category: bool
    has_least_price: bool
    has_most_price: bool
    in_stock: bool
    has_tag: bool
    has_vendor: bool
    has_ids: bool

    @property
    def is_scan(self) -> bool:
        """Whether products are looked at that the index of the order cannot leave out."""
        is_priced = self.has_least_price or self.has_most_price
        is_priced_elsewhere = is_priced and (self.is_search or self.order not in BY_PRICE)
        return self.in_stock or self.has_tag or self.has_vendor or is_priced_elsewhere


@cache
def page_of(shape: Shape) -> Select[Any]:
    """Statements of hot reads are made once, because making one takes longer than running it."""
    listed = _in_order(shape).limit(literal_column(str(SCANNED if shape.is_scan else LONGEST_PAGE))).subquery("listed")
    stock, image = _stock(listed), _image(listed)
    title = in_locale(listed.c.title, listed.c.translations, "title").label("shown_title")
    category = (CATEGORIES.c.slug.label("category_slug"), CATEGORY_TITLE.label("category_title"))
    joined = listed.outerjoin(CATEGORIES, category_of(listed.c.category_id)).join(stock, true())
    return (
        select(listed, title, *category, stock.c.pieces, image.c.source_url, image.c.alt)
        .select_from(joined.outerjoin(image, true()))
        .where(*_filters(shape, listed, stock))
        .order_by(*_order(shape, listed))
        .limit(bindparam("size"))
    )


@cache
def end_of_scan(shape: Shape) -> Select[Any]:
    return _in_order(shape).offset(literal_column(str(SCANNED - 1))).limit(literal_column("1"))


@cache
def cut_of(*, has_category: bool) -> Select[Any]:
    """Whether a search finds more than it looks at, where none of what it found stands on the page."""
    return select(candidates(_searched(has_category=has_category)).c.is_cut).limit(literal_column("1"))


def _in_order(shape: Shape) -> Select[Any]:
    """The products in the order of the list, from the cursor on, as far as indexes can tell them."""
    source = _ranked(shape) if shape.is_search else _listed(shape)
    found = select(source).order_by(*_order(shape, source))
    if shape.begins:
        return found
    keys = [source.c[name] for name in KEYS[shape.order]]
    last_row = tuple_(*(bindparam(f"after_{each.name}", type_=each.type) for each in keys))
    return found.where(tuple_(*keys) < last_row if shape.order in DOWNWARDS else tuple_(*keys) > last_row)


def _order(shape: Shape, source: FromClause) -> list[ColumnElement[Any]]:
    keys = [source.c[name] for name in KEYS[shape.order]]
    return [key.desc() if shape.order in DOWNWARDS else key.asc() for key in keys]


def _listed(shape: Shape) -> Subquery:
    """Without a limit of its own, so that the database reads through it in the order asked for."""
    by_price = shape.order in BY_PRICE
    found = _products(shape)
    if shape.has_category:
        found = found.where((PRODUCT_PRICES if by_price else PRODUCTS).c.category_id == _category_id())
    if by_price:
        found = found.where(*_price_range(shape, PRODUCT_PRICES))
    return found.subquery("listed")


def _products(shape: Shape) -> Select[Any]:
    only_priced = shape.order in BY_PRICE
    price = and_(
        PRODUCT_PRICES.c.product_id == PRODUCTS.c.id,
        PRODUCT_PRICES.c.currency == bindparam("currency"),
        PRODUCT_PRICES.c.since <= MOMENT,
        PRODUCT_PRICES.c.until > MOMENT,
    )
    names = ["id", "slug", "title", "translations", "created_at", "category_id"]
    names += [name for name, is_asked in (("tags", shape.has_tag), ("vendor", shape.has_vendor)) if is_asked]
    prices = (PRODUCT_PRICES.c[name] for name in ("amount", "highest", "compare_at"))
    found = select(*(PRODUCTS.c[name] for name in names), *prices).where(IS_PUBLISHED)
    named = found.where(among_ids(PRODUCTS.c.id)) if shape.has_ids else found
    return named.select_from(PRODUCTS.join(PRODUCT_PRICES, price, isouter=not only_priced))


def _ranked(shape: Shape) -> Subquery:
    matching = candidates(_searched(has_category=shape.has_category))
    products = _products(shape).join(matching, matching.c.id == PRODUCTS.c.id)
    return products.add_columns(rank().label("rank"), matching.c.is_cut).subquery("ranked")


def _searched(*, has_category: bool) -> Select[Any]:
    found = select(PRODUCTS.c.id).where(IS_PUBLISHED)
    return found.where(PRODUCTS.c.category_id == _category_id()) if has_category else found


def _category_id() -> ColumnElement[Any]:
    found = select(CATEGORIES.c.id).where(
        CATEGORIES.c.slug == bindparam("category"), CATEGORIES.c.archived_at.is_(None)
    )
    return found.scalar_subquery()


def _price_range(shape: Shape, prices: FromClause) -> list[ColumnElement[bool]]:
    least = [prices.c.amount >= bindparam("price_min", type_=BigInteger)] if shape.has_least_price else []
    return least + ([prices.c.amount <= bindparam("price_max", type_=BigInteger)] if shape.has_most_price else [])


def _filters(shape: Shape, listed: Subquery, stock: FromClause) -> list[ColumnElement[bool]]:
    filters = _price_range(shape, listed) + ([stock.c.pieces > 0] if shape.in_stock else [])
    filters += [has_tag(listed.c.tags, bindparam("tag", type_=String))] if shape.has_tag else []
    return filters + ([listed.c.vendor == bindparam("vendor", type_=String)] if shape.has_vendor else [])


def _stock(listed: Subquery) -> Any:
    """The most pieces that can be had of any variant; null when none is on sale."""
    pieces = func.max(pieces_on_sale()).label("pieces")
    offers = select(pieces).select_from(VARIANTS).join(OFFERS, OFFERS.c.id == VARIANTS.c.offer_id)
    return offers.where(VARIANTS.c.product_id == listed.c.id, OFFERS.c.active).lateral("stock")


def _image(listed: Subquery) -> Any:
    found = select(IMAGES.c.source_url, IMAGES.c.alt).where(IMAGES.c.product_id == listed.c.id)
    return found.order_by(IMAGES.c.position, IMAGES.c.id).limit(1).lateral("image")
