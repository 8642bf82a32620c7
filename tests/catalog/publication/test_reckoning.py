"""The calculations of publication, at their edges."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.publication.reckoning import (
    first_on_market,
    free_batch,
    months_before,
    support_ceiling,
    valid_until,
)
from registry.calendar import WorkCalendar

REFERENCE = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("is_sold", "first_sale_on", "found"),
    [
        (False, None, True),
        (True, date(2025, 6, 29), False),
        (True, date(2025, 6, 30), True),
        (True, date(2026, 6, 30), True),
        (True, date(2026, 8, 1), True),
        (True, None, None),
        (None, None, None),
    ],
)
def test_first_on_market_is_found_at_the_reference_date(is_sold, first_sale_on, found):
    assert found is first_on_market(
        is_sold=is_sold, first_sale_on=first_sale_on, reference_on=REFERENCE, months=12
    )


def test_the_day_months_before_stays_within_a_short_month():
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-600, 600))
def test_months_before_keeps_day_or_ends_the_month(day, months):
    moved = months_before(day, months)

    assert (day.year * 12 + day.month) - (moved.year * 12 + moved.month) == months
    assert moved.day == day.day or (
        moved.day < day.day and (date.fromordinal(moved.toordinal() + 1)).day == 1
    )


def test_validity_ends_the_day_before_its_anniversary():
    assert valid_until(date(2026, 12, 1), years=3, licence_until=None) == date(2029, 11, 30)


def test_a_licence_that_ends_earlier_caps_the_validity():
    assert valid_until(date(2026, 12, 1), years=3, licence_until=date(2027, 5, 1)) == date(2027, 5, 1)
    assert valid_until(date(2026, 12, 1), years=3, licence_until=date(2031, 5, 1)) == date(2029, 11, 30)


@pytest.mark.parametrize(
    ("own", "taken", "reserved", "batch"),
    [
        (1, (), (2, 3), 1),
        (1, (1,), (), 2),
        (1, (1, 2), (3,), 4),
        (2, (1,), (1,), 2),
        (98, (98, 99), (), None),
    ],
)
def test_an_edition_takes_its_round_s_batch_or_the_next_that_is_free(own, taken, reserved, batch):
    assert free_batch(own, taken=taken, reserved=reserved) == batch


@pytest.mark.parametrize(
    ("contracts", "ceiling"),
    [
        (0, 0),
        (333, 99),
        (1_000_000_00, 300_000_00),
        (66_666_666_66, 19_999_999_99),
        (100_000_000_00, 20_000_000_00),
    ],
)
def test_support_is_the_smaller_of_share_and_cap(contracts, ceiling):
    assert support_ceiling(contracts, rate_percent=30, cap_yuan=20_000_000) == ceiling


@pytest.mark.parametrize(
    ("opens_on", "closes_on"),
    [
        (date(2024, 11, 15), date(2024, 11, 21)),  # Shanghai notices, domain.md §3
        (date(2023, 7, 31), date(2023, 8, 4)),
        (date(2020, 10, 14), date(2020, 10, 20)),
        (date(2024, 9, 12), date(2024, 9, 19)),  # 14 September was a working Saturday, 15 to 17 a holiday
        (date(2026, 11, 21), date(2026, 11, 27)),  # posted on a Saturday: Monday is day 1
        (
            date(2026, 12, 29),
            date(2027, 1, 4),
        ),  # into a year whose calendar is not published: the weekday rule
    ],
)
def test_the_posting_day_is_day_one_of_five(opens_on, closes_on):
    assert WorkCalendar({}).last_of(opens_on, 5) == closes_on


def test_an_override_moves_the_end():
    new_year = WorkCalendar({date(2027, 1, 1): False})

    assert new_year.last_of(date(2026, 12, 29), 5) == date(2027, 1, 5)
