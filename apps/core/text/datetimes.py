"""Dates with times from outside: with a time zone, stored in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from apps.core.errors import FieldError, Invalid
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

YEARS = range(1950, 2200)
IMPOSSIBLE = _("This date cannot be right.")
NO_ZONE = _("Must be a time with its zone: 2026-12-12T20:00:00Z.")
AwareDatetime = Annotated[datetime, Meta(tz=True, examples=["2027-05-21T18:00:00Z"])]


def in_utc(**moments: datetime | None) -> dict[str, datetime | None]:
    """The same moments in UTC. Invalid, by their names, for those that cannot be right."""
    if errors := errors_in_datetimes(**moments):
        raise Invalid(errors=errors)
    return {name: moment and moment.astimezone(UTC) for name, moment in moments.items()}


def errors_in_datetimes(**moments: datetime | None) -> list[FieldError]:
    """By their names, those that cannot be right."""
    return [FieldError(name, wrong) for name, moment in moments.items() if (wrong := moment and _wrong(moment))]


def _wrong(moment: datetime) -> Lazy | None:
    if moment.tzinfo is None:  # queries may still be without one
        return NO_ZONE
    return None if moment.year in YEARS else IMPOSSIBLE
