"""What fans are told about what is left: "available", "few_left" with the number, "sold_out"."""

from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from apps.inventory.models import Pool
from apps.orders.models import OfferPool
from apps.orders.repositories import OFFERS

FEW = 10
UNCOUNTED = 1_000_000_000
"""Stands for "as many as you like"."""


class Availability(StrEnum):
    """Whether it can be had; at `few_left` the number is exact."""

    available = "available"
    few_left = "few_left"
    sold_out = "sold_out"


class Left(Struct):
    """`availability` is null while it is not on sale; `left` is given when it is 10 or less."""

    availability: Availability | None
    left: int | None


def pieces_on_sale() -> ColumnElement[Any]:
    """How many pieces of the offer can be had, UNCOUNTED without pools; null outside its sale window."""
    opened = or_(OFFERS.c.sale_from.is_(None), OFFERS.c.sale_from <= func.now())
    not_over = or_(OFFERS.c.sale_until.is_(None), OFFERS.c.sale_until > func.now())
    return case((and_(opened, not_over), func.coalesce(_pieces_left(), UNCOUNTED)))


def _pieces_left() -> ColumnElement[Any]:
    """What the offer's pools allow; null when nothing is counted."""
    fewest = func.min((Pool.capacity - Pool.taken) // OfferPool.units)
    pools = (
        select(fewest)
        .select_from(OfferPool)
        .join(Pool, Pool.id == OfferPool.pool_id)
        .where(OfferPool.offer_id == OFFERS.c.id)
    )
    return pools.scalar_subquery()


def left(pieces: int | None) -> Left:
    """From `pieces_on_sale`."""
    if pieces is None:
        return Left(None, None)
    if pieces > FEW:
        return Left(Availability.available, None)
    return Left(Availability.few_left, pieces) if pieces > 0 else Left(Availability.sold_out, 0)
