"""What fans are told about what is left: "available", "few_left" with the number, "sold_out"."""

from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select

from apps.inventory.models import Pool
from apps.orders.models import OfferPool

FEW = 10
UNCOUNTED = 1_000_000_000
"""Stands for "as many as you like" where the most of several is looked for."""


class Availability(StrEnum):
    """Whether it can be had; at `few_left` the number is exact."""

    available = "available"
    few_left = "few_left"
    sold_out = "sold_out"


class Left(Struct):
    """`left` is given when it is 10 or less."""

    availability: Availability
    left: int | None


def pieces_left(offer_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """How many pieces the offer's pools allow; null when nothing is counted."""
    fewest = func.min((Pool.capacity - Pool.taken) // OfferPool.units)
    pools = (
        select(fewest)
        .select_from(OfferPool)
        .join(Pool, Pool.id == OfferPool.pool_id)
        .where(OfferPool.offer_id == offer_id)
    )
    return pools.scalar_subquery()


def left(pieces: int | None) -> Left:
    if pieces is None or pieces > FEW:
        return Left(Availability.available, None)
    return Left(Availability.few_left, pieces) if pieces > 0 else Left(Availability.sold_out, 0)
