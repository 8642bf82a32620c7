"""What time it is: one clock that tests and rehearsals can set. Instants are UTC, days are Beijing days."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

_source: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """Return the present instant, aware and in UTC."""
    source = _source.get()
    return source() if source else datetime.now(UTC)


def today() -> date:
    """Return the present day in Beijing."""
    return now().astimezone(BEIJING).date()


def day_of(instant: datetime) -> date:
    """Return the Beijing day on which an instant falls."""
    return instant.astimezone(BEIJING).date()


def start_of(day: date) -> datetime:
    """Return the instant at which a Beijing day begins."""
    return datetime.combine(day, time.min, BEIJING).astimezone(UTC)


@contextmanager
def standing_at(instant: datetime | date) -> Iterator[None]:
    """Hold the clock at an instant, or at noon of a Beijing day, in this context (thread, task)."""
    if not isinstance(instant, datetime):
        instant = datetime.combine(instant, time(12), BEIJING)
    held = instant.astimezone(UTC)
    token = _source.set(lambda: held)
    try:
        yield
    finally:
        _source.reset(token)
