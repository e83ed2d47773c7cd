"""Days and weeks on the band's clocks, and the moments at which any figure begins or ends."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 30
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


class Calendar:
    """As it is at `moment` in `zone` (an IANA name). `days` are the last DAYS, today at their end."""

    def __init__(self, moment: datetime, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._now = moment.astimezone(self._zone)
        self.today = self._now.date()
        self.monday = self.today - self.today.weekday() * DAY
        self.days: Sequence[date] = [self.today - ago * DAY for ago in reversed(range(DAYS))]
        self.end = self.midnight(self.today + DAY)

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    @property
    def week_ago(self) -> datetime:
        """The same time of the day, a week before."""
        return (self._now - WEEK).astimezone(UTC)

    @property
    def cuts(self) -> list[datetime]:
        """Between two of them no figure begins or ends."""
        return sorted({*map(self.midnight, self.days), self.week_ago})
