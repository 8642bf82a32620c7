"""How often one network address may do something: counted per minute, limits are policy."""

import hashlib
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry import clock, policy
from registry.errors import TooManyError
from registry.models import LoginThrottle

CHECKS = "certificate.checks_per_minute"
ISSUES = "certificate.issues_per_minute"
WINDOW = timedelta(minutes=1)


def count(session: Session, limit: str, *, address: str) -> None:
    """Count one act against the limit of that policy key, before the act; only a hash of the address is kept.

    Raises:
        TooManyError: the address must wait.
    """
    key = hashlib.sha256(f"{limit}:{address}".encode()).hexdigest()
    now = clock.now()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(LoginThrottle).values(key=key, failures=0, window_started_at=now).on_conflict_do_nothing()
    )
    row = session.scalars(select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()
    if row.window_started_at + WINDOW <= now:
        row.failures, row.window_started_at = 0, now
    if row.failures >= policy.value(session, limit):
        raise TooManyError("操作过于频繁，请一分钟后再试。")
    row.failures += 1
