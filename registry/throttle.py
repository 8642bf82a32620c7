"""How often somebody may try: counted under hashed keys in the database, so that every process sees it."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry import clock
from registry.db import add_missing
from registry.errors import TooManyError
from registry.models import Throttle


def _key(kind: str, subject: str) -> str:
    return hashlib.sha256(f"{kind}:{subject}".encode("utf-8", "surrogatepass")).hexdigest()


def count(session: Session, kind: str, subject: str, *, limit: int, window: timedelta) -> None:
    """Count an attempt before it is made, so that parallel ones cannot slip through; the caller commits in any case.

    `limit` attempts within `window` are let through; then the subject (an account, a network address) is held off for
    as long as the window. Only a hash of the subject is kept.

    Raises:
        TooManyError: the subject is held off.
    """
    now = clock.now()
    key = _key(kind, subject)
    add_missing(session, Throttle, key=key, attempts=0, window_started_at=now)
    row = session.scalars(select(Throttle).where(Throttle.key == key).with_for_update()).one()
    if row.locked_until and row.locked_until > now:
        minutes = -(-(row.locked_until - now).total_seconds() // 60)
        raise TooManyError(f"操作过于频繁，请 {minutes:.0f} 分钟后再试。")
    if row.window_started_at + window <= now:
        row.attempts, row.window_started_at, row.locked_until = 0, now, None
    row.attempts += 1
    if row.attempts >= limit:
        row.locked_until = now + window


def forget(session: Session, kind: str, subject: str) -> None:
    """Clear a subject's count."""
    session.execute(
        update(Throttle).where(Throttle.key == _key(kind, subject)).values(attempts=0, locked_until=None)
    )


def take_back(session: Session, kind: str, subject: str) -> None:
    """Take one attempt off a subject's count, because it was no failure after all."""
    session.execute(
        update(Throttle)
        .where(Throttle.key == _key(kind, subject), Throttle.attempts > 0)
        .values(attempts=Throttle.attempts - 1)
    )


def forget_old(session: Session, *, before: datetime) -> None:
    """Delete counts whose window began before an instant."""
    session.execute(delete(Throttle).where(Throttle.window_started_at < before))
