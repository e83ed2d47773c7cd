"""How long something is held for a fan: the minutes that are left, and until when by clocks that they know."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from babel.units import format_unit
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.orders.kinds.fulfilment import fulfilments
from project.settings import settings

TWO_DAYS = 2 * 24 * 60
"""Minutes."""
NOWHERE = "UTC"
"""The zone of a band that has set none: nobody's own clock."""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Of what is held `until` a moment, seen `at` another; `zone` is an IANA name."""

    until: datetime
    at: datetime
    zone: str

    @property
    def seconds(self) -> int:
        return max(0, int((self.until - self.at).total_seconds()))

    @property
    def has_clock(self) -> bool:
        """Without scripts only a clock that stands somewhere tells anybody anything."""
        return self.zone != NOWHERE

    def in_words(self, locale: str) -> str:
        """ "14 minutes", never more than there are; of the last minute its seconds, of days their number."""
        minutes = self.seconds // 60
        unit, number = ("minute", minutes) if minutes else ("second", self.seconds)
        if minutes >= TWO_DAYS:
            unit, number = "day", minutes // (24 * 60)
        return format_unit(number, f"duration-{unit}", length="long", locale=locale)


async def time_left(reads: AsyncConnection, until: datetime, offers: Collection[UUID]) -> TimeLeft:
    """Of these offers, by the clocks of where they lead: one query."""
    zones = (kind.time_zones(offers) for kind in fulfilments())
    found = (func.array(each.scalar_subquery()) for each in zones if each is not None)
    at, *by_kind = (await reads.execute(select(func.clock_timestamp(), *found))).one()
    return TimeLeft(until, at, zone_of_all(chain.from_iterable(by_kind)))


def zone_of_all(zones: Iterable[str]) -> str:
    """The one that all are in, else the band's own."""
    different = set(zones)
    return different.pop() if len(different) == 1 else settings.time_zone
