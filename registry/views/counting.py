"""Bound how often one network address may ask for what costs much."""

from datetime import timedelta

from registry import policy, throttle
from registry.web import client_address, transaction

MINUTE = timedelta(minutes=1)


def count_in_minute(limit: str) -> None:
    """Count one act of the asker's network address against a policy parameter; committed at once.

    Raises:
        TooManyError: there were as many as it allows in this minute.
    """
    with transaction() as session:
        throttle.count(session, limit, client_address(), limit=policy.value(session, limit), window=MINUTE)
