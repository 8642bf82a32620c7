"""Numbers: taken from a locked row, so that two workers never get the same one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import add_missing
from registry.models import Counter


def _row(session: Session, name: str) -> Counter:
    add_missing(session, Counter, name=name, value=0)
    return session.scalars(
        select(Counter)
        .where(Counter.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def take(session: Session, name: str, count: int = 1) -> int:
    """Take `count` successive numbers and return the first; the row stays locked until the commit."""
    row = _row(session, name)
    first = row.value + 1
    row.value += count
    session.flush()  # a second take in this transaction reads the row afresh
    return first


def raise_to(session: Session, name: str, value: int) -> None:
    """Make sure that numbers up to `value` are never given out again."""
    row = _row(session, name)
    if row.value < value:
        row.value = value
        session.flush()  # as above


def current(session: Session, name: str) -> int:
    """Return the last number given out, 0 when there was none."""
    return session.scalar(select(Counter.value).where(Counter.name == name)) or 0
