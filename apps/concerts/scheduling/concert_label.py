"""The label of a concert, day and venue, which tells concerts of one title apart."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func

from apps.concerts.models import Concert, Venue

DAY = func.to_char(func.timezone(Venue.time_zone, Concert.starts_at), "YYYY-MM-DD")
CONCERT_LABEL = DAY + " " + Venue.city + " " + Venue.name
"""The same, of a statement that joins both."""


def concert_label(starts_at: datetime, venue: Venue) -> str:
    day = starts_at.astimezone(ZoneInfo(venue.time_zone)).date()
    return f"{day} {venue.city} {venue.name}"
