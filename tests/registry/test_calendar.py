from datetime import date

from registry import calendar, clock
from registry.calendar import WorkCalendar
from registry.models import CalendarOverride

PUBLISHED = WorkCalendar({})


def test_notice_days_match_the_city_s_own_notices():
    # domain.md §3: posting day is day 1, five working days; the three notices that were read.
    assert PUBLISHED.last_of(date(2024, 11, 15), 5) == date(2024, 11, 21)
    assert PUBLISHED.last_of(date(2023, 7, 31), 5) == date(2023, 8, 4)
    assert PUBLISHED.last_of(date(2020, 10, 14), 5) == date(2020, 10, 20)


def test_a_working_saturday_counts():
    assert PUBLISHED.is_working(date(2024, 9, 14)) is True
    assert PUBLISHED.count(date(2024, 9, 13), date(2024, 9, 14)) == 1


def test_national_day_does_not_count():
    assert PUBLISHED.add(date(2025, 9, 30), 1) == date(2025, 10, 9)


def test_a_year_without_a_published_calendar_is_provisional_and_follows_the_weekdays():
    friday, saturday = date(2035, 1, 5), date(2035, 1, 6)

    assert PUBLISHED.is_working(friday) is True
    assert PUBLISHED.is_working(saturday) is False
    assert PUBLISHED.is_provisional(friday) is True
    assert PUBLISHED.label(friday) == "2035年1月5日（暂定）"
    assert PUBLISHED.add(date(2026, 12, 31), 250).year >= 2027


def test_an_override_stands_above_everything(session):
    day = date(2035, 1, 6)
    session.add(
        CalendarOverride(day=day, is_working=True, note="调休", basis_document="示例通知", set_at=clock.now())
    )
    session.flush()

    loaded = calendar.load(session)

    assert loaded.is_working(day) is True
    assert loaded.is_provisional(day) is False


def test_counting_back_is_counting_forward_negated():
    assert PUBLISHED.count(date(2026, 5, 20), date(2026, 5, 11)) == -PUBLISHED.count(
        date(2026, 5, 11), date(2026, 5, 20)
    )
