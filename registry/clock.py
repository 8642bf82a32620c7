"""What time it is: one clock that tests and rehearsals can set. Instants are UTC, days are Beijing days."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)

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


def months_before(day: date, months: int) -> date:
    """Return the same day that many months earlier; where the month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    month += 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), after - ONE_DAY)


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
