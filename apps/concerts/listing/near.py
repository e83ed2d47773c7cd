"""Distances over the earth, in SQL: a box that the index knows, then the great circle (haversine formula)."""

import math
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Double, and_, bindparam, cast, func, or_

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""
NOWHERE = (1.0, 0.0)


class Near(Struct, frozen=True):
    """A place in degrees, and how far around it."""

    latitude: float
    longitude: float
    within_km: int


def distance_km(latitude: ColumnElement[Any], longitude: ColumnElement[Any]) -> ColumnElement[float]:
    """From the place of `box_values` to the columns' place."""
    here, there = func.radians(_degrees("near_latitude")), func.radians(cast(latitude, Double))
    across = func.radians(cast(longitude, Double) - _degrees("near_longitude"))
    half_chord = func.power(func.sin((there - here) / 2), 2) + func.cos(here) * func.cos(there) * func.power(
        func.sin(across / 2), 2
    )
    return 2 * EARTH_KM * func.asin(func.sqrt(func.least(1.0, half_chord)))


def in_box(latitude: ColumnElement[Any], longitude: ColumnElement[Any]) -> ColumnElement[bool]:
    """Holds what is near enough, and its corners; one that crosses the 180th meridian has two halves."""
    halves = [_between(longitude, f"{half}_west", f"{half}_east") for half in ("first", "second")]
    return and_(_between(latitude, "south", "north"), or_(*halves))


def box_values(near: Near) -> Mapping[str, float]:
    """The parameters of `distance_km` and `in_box`."""
    reach = math.degrees(near.within_km / EARTH_KM)
    south, north = near.latitude - reach, near.latitude + reach
    first, second = _longitudes(near, reach, holds_pole=south <= -90 or north >= 90)
    return {
        "near_latitude": near.latitude,
        "near_longitude": near.longitude,
        "south": south,
        "north": north,
        "first_west": first[0],
        "first_east": first[1],
        "second_west": second[0],
        "second_east": second[1],
    }


def _longitudes(near: Near, reach: float, *, holds_pole: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the circle is widest; all around when it holds a pole."""
    if holds_pole:
        return (-180.0, 180.0), NOWHERE
    width = math.degrees(math.asin(min(1.0, math.sin(math.radians(reach)) / math.cos(math.radians(near.latitude)))))
    west, east = near.longitude - width, near.longitude + width
    if west < -180:
        return (-180.0, east), (west + 360, 180.0)
    if east > 180:
        return (west, 180.0), (-180.0, east - 360)
    return (west, east), NOWHERE


def _between(column: ColumnElement[Any], least: str, most: str) -> ColumnElement[bool]:
    """Compared as the column's own type, or its index would be of no use."""
    return column.between(bindparam(least, type_=column.type), bindparam(most, type_=column.type))


def _degrees(name: str) -> ColumnElement[float]:
    return bindparam(name, type_=Double)
