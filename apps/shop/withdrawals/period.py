"""Until when an order may be withdrawn from, and by whom.

The days follow the day on which the last parcel was received; a last day at the weekend moves on to Monday
(Regulation 1182/71, article 3). While a parcel has not been received, the days have not begun.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.shop.models import Shipment, ShipmentState
from project.settings import settings

SHIPMENTS = Shipment.table()
RECEIVED = (ShipmentState.delivered, ShipmentState.picked_up, ShipmentState.returned)
DAY = timedelta(days=1)
SATURDAY = 5
EUROPEAN_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


def is_offered_to(address: Mapping[str, Any] | None) -> bool:
    """Where it is picked up, and so no country known, the shop's own law is taken to apply."""
    if not settings.withdrawal_days:
        return False
    countries = offered_countries()
    return not countries or not address or address.get("country") in countries


def offered_countries() -> frozenset[str]:
    """Empty where it is offered in all of them."""
    named = frozenset(settings.withdrawal_countries.split())
    return named.union(EUROPEAN_UNION.split()) if "EU" in named else named


async def received(connection: AsyncConnection, order_id: UUID) -> Row[Any]:
    """`at`: when the last of its parcels was received, None while any was not; `now`: the database's time."""
    is_there = func.coalesce(func.bool_and(SHIPMENTS.c.state.in_(RECEIVED)), False)
    at = case((is_there, func.max(SHIPMENTS.c.moved_at)))
    found = select(at.label("at"), func.clock_timestamp().label("now"))
    return (await connection.execute(found.where(SHIPMENTS.c.order_id == order_id, SHIPMENTS.c.quantity > 0))).one()


def last_day(at: datetime) -> date:
    """Of who received the last parcel then; by the shop's clocks."""
    day = at.astimezone(ZoneInfo(settings.time_zone)).date() + settings.withdrawal_days * DAY
    while day.weekday() >= SATURDAY:
        day += DAY
    return day


def end_of(day: date) -> datetime:
    """The first moment after it."""
    return datetime.combine(day + DAY, time(), ZoneInfo(settings.time_zone))
