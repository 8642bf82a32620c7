from datetime import date, timedelta

import pytest

from registry import clock, throttle
from registry.errors import TooManyError

MINUTE = timedelta(minutes=1)


def attempt(session, subject="192.0.2.1"):
    throttle.count(session, "test", subject, limit=3, window=MINUTE)


def test_a_subject_is_held_off_after_its_attempts_and_nobody_else_is(session):
    with clock.standing_at(date(2026, 11, 21)):
        for _ in range(3):
            attempt(session)
        with pytest.raises(TooManyError, match="操作过于频繁，请 1 分钟后再试。"):
            attempt(session)
        attempt(session, "192.0.2.2")

        with clock.standing_at(clock.now() + MINUTE):
            attempt(session)


def test_attempts_spread_over_windows_are_let_through(session):
    for minutes in range(10):
        with clock.standing_at(clock.start_of(date(2026, 11, 21)) + timedelta(minutes=minutes)):
            attempt(session)


def test_a_forgotten_count_begins_anew(session):
    for _ in range(3):
        attempt(session)

    throttle.forget(session, "test", "192.0.2.1")

    attempt(session)


def test_an_attempt_taken_back_does_not_count(session):
    for _ in range(2):
        attempt(session)
    throttle.take_back(session, "test", "192.0.2.1")

    for _ in range(2):
        attempt(session)


def test_a_lone_surrogate_is_a_subject_like_any_other(session):
    attempt(session, "\ud800")
