"""How often one address may check and issue."""

from datetime import date, timedelta

import pytest

from catalog.certificates import throttle
from registry import clock, policy
from registry.errors import TooManyError


@pytest.mark.parametrize("limit", [throttle.CHECKS, throttle.ISSUES])
def test_an_address_must_wait_after_too_many_acts_in_a_minute(session, limit):
    with clock.standing_at(date(2026, 11, 21)):
        for _ in range(policy.value(session, limit)):
            throttle.count(session, limit, address="192.0.2.1")
        with pytest.raises(TooManyError, match="操作过于频繁，请一分钟后再试。"):
            throttle.count(session, limit, address="192.0.2.1")

        throttle.count(session, limit, address="192.0.2.2")
        with clock.standing_at(clock.now() + timedelta(seconds=60)):
            throttle.count(session, limit, address="192.0.2.1")
