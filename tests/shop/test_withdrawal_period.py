"""Until when: by the shop's clocks, never ending at a weekend."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec
import pytest

from apps.shop.withdrawals.period import end_of, last_day
from project.settings import settings


@pytest.fixture(autouse=True)
def in_berlin() -> Iterator[None]:
    before = settings.time_zone
    msgspec.structs.force_setattr(settings, "time_zone", "Europe/Berlin")
    yield
    msgspec.structs.force_setattr(settings, "time_zone", before)


@pytest.mark.parametrize(
    ("received", "day"),
    [
        (datetime(2026, 12, 1, 22, 59, tzinfo=UTC), date(2026, 12, 15)),
        (datetime(2026, 12, 1, 23, 0, tzinfo=UTC), date(2026, 12, 16)),
        (datetime(2026, 12, 5, 12, 0, tzinfo=UTC), date(2026, 12, 21)),
        (datetime(2026, 12, 6, 12, 0, tzinfo=UTC), date(2026, 12, 21)),
    ],
)
def test_the_last_day(received: datetime, day: date) -> None:
    assert last_day(received) == day


def test_it_ends_at_midnight_there() -> None:
    """On a day that has 25 hours, too."""
    assert end_of(date(2026, 12, 15)) == datetime(2026, 12, 15, 23, 0, tzinfo=UTC)
    assert end_of(date(2026, 10, 25)) == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
