"""Working days in Shanghai: overrides, then the State Council's calendar, then the weekday rule (provisional)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.models import CalendarOverride

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days declared by hand, above the published calendar."""

    overrides: Mapping[date, bool]

    def is_provisional(self, day: date) -> bool:
        """Return whether the year's calendar is not published yet and nobody overrode the day."""
        if day in self.overrides:
            return False
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:  # how the library says that a year is not published
            return True
        return False

    def is_working(self, day: date) -> bool:
        """Return whether a day is a working day; a provisional one follows the weekday rule."""
        if day in self.overrides:
            return self.overrides[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:  # as above
            return day.weekday() < SATURDAY

    def add(self, start: date, days: int) -> date:
        """Return the working day that is `days` working days after `start`, which is not counted itself."""
        day = start
        while days > 0:
            day += ONE_DAY
            days -= self.is_working(day)
        return day

    def last_of(self, first: date, days: int) -> date:
        """Return the last of `days` working days of which `first` is day 1 (the rule of Shanghai notices).

        Where `first` is no working day, the count begins on the next one.
        """
        return self.add(first - ONE_DAY, days)

    def count(self, start: date, end: date) -> int:
        """Return the working days after `start` up to and including `end`; negative when `end` lies before."""
        if end < start:
            return -self.count(end, start)
        return sum(self.is_working(start + ONE_DAY * offset) for offset in range(1, (end - start).days + 1))

    def label(self, day: date) -> str:
        """Return the day as people read it, marked 暂定 while its year's calendar is not published."""
        text = f"{day.year}年{day.month}月{day.day}日"
        return f"{text}（暂定）" if self.is_provisional(day) else text


def load(session: Session) -> WorkCalendar:
    """Return the calendar with the overrides that stand in the database."""
    rows = session.execute(select(CalendarOverride.day, CalendarOverride.is_working))
    return WorkCalendar(dict(rows.all()))
