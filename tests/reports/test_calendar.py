"""Days and weeks are the band's, on its own clocks."""

from datetime import UTC, date, datetime, timedelta

from apps.reports.calendar import DAYS, Calendar

AFTER_MIDNIGHT_IN_BERLIN = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)


def test_today_is_that_of_the_band() -> None:
    calendar = Calendar(AFTER_MIDNIGHT_IN_BERLIN, "Europe/Berlin")
    assert calendar.today == date(2026, 11, 19)
    assert calendar.midnight(calendar.today) == datetime(2026, 11, 18, 23, tzinfo=UTC)


def test_a_week_begins_on_monday() -> None:
    assert Calendar(AFTER_MIDNIGHT_IN_BERLIN, "Europe/Berlin").monday == date(2026, 11, 16)


def test_a_week_ago_the_clock_showed_the_same_time() -> None:
    after_the_change = datetime(2026, 10, 26, 11, tzinfo=UTC)  # noon in Berlin, in winter
    assert Calendar(after_the_change, "Europe/Berlin").week_ago == datetime(2026, 10, 19, 10, tzinfo=UTC)


def test_days_have_as_many_hours_as_they_have() -> None:
    calendar = Calendar(datetime(2026, 10, 28, tzinfo=UTC), "Europe/Berlin")
    assert len(calendar.days) == DAYS
    long_day = calendar.midnight(date(2026, 10, 26)) - calendar.midnight(date(2026, 10, 25))
    assert long_day == timedelta(hours=25)
