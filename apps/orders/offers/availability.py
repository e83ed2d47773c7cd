"""What fans are told about what is left: "available", "few_left" with the number, "held", "sold_out"."""

from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from apps.inventory.levels import FEW
from apps.inventory.models import Pool
from apps.inventory.repositories import HOLDS, IS_HELD
from apps.orders.models import OfferPool
from apps.orders.repositories import OFFERS

UNCOUNTED = 1_000_000_000
"""Stands for "as many as you like"."""
NONE_FOR_NOW, NONE = 0, -1
"""Nothing is left: held, so some may come back; or sold. The most of several offers is what can be had of any."""


class Availability(StrEnum):
    """At `few_left` the number is exact; at `held` none is left, but some are not paid for yet and may come back."""

    available = "available"
    few_left = "few_left"
    held = "held"
    sold_out = "sold_out"


class Left(Struct):
    """`availability` is null while it is not on sale; `left` is given when it is 10 or less."""

    availability: Availability | None
    left: int | None


def pieces_on_sale() -> ColumnElement[Any]:
    """How many pieces of the offer can be had, or NONE_FOR_NOW, or NONE; null outside its sale window,
    which begins early where it does for members. UNCOUNTED without pools.
    """
    opened = or_(OFFERS.c.sale_from.is_(None), OFFERS.c.sale_from <= func.now(), OFFERS.c.early_from <= func.now())
    not_over = or_(OFFERS.c.sale_until.is_(None), OFFERS.c.sale_until > func.now())
    return case((and_(opened, not_over), func.coalesce(_pieces_left(), UNCOUNTED)))


def for_members() -> ColumnElement[Any]:
    """Whether nobody but members can buy the offer at the moment."""
    is_early = and_(OFFERS.c.early_from <= func.now(), OFFERS.c.sale_from > func.now())
    return or_(OFFERS.c.members_only, func.coalesce(is_early, literal(False))).label("for_members")


def _pieces_left() -> ColumnElement[Any]:
    """What the offer's pools allow; null when nothing is counted. Only of full pools the holds are looked at."""
    pieces = case(
        (Pool.left >= OfferPool.units, Pool.left // OfferPool.units),
        (Pool.left + _held() >= OfferPool.units, NONE_FOR_NOW),
        else_=NONE,
    )
    pools = (
        select(func.min(pieces))
        .select_from(OfferPool)
        .join(Pool, Pool.id == OfferPool.pool_id)
        .where(OfferPool.offer_id == OFFERS.c.id)
    )
    return pools.scalar_subquery()


def _held() -> ColumnElement[Any]:
    """Units of the pool that are only held, as far as they matter: as many holds as a piece has units are enough.

    Those that ran out count until they are swept, since they come back, too.
    """
    some = select(HOLDS.c.units).where(HOLDS.c.pool_id == Pool.id, IS_HELD).limit(OfferPool.units)
    held = some.correlate(Pool, OfferPool).subquery()
    return func.coalesce(select(func.sum(held.c.units)).scalar_subquery(), 0)


def left(pieces: int | None) -> Left:
    """From `pieces_on_sale`."""
    if pieces is None:
        return Left(None, None)
    if pieces > FEW:
        return Left(Availability.available, None)
    if pieces > 0:
        return Left(Availability.few_left, pieces)
    return Left(Availability.held if pieces == NONE_FOR_NOW else Availability.sold_out, 0)
