"""Until when a formal review is due, in working days of the round's policy."""

from dataclasses import dataclass
from datetime import date

from registry import clock, rounds
from registry.calendar import WorkCalendar
from registry.models import Application, State


@dataclass(frozen=True, slots=True)
class Due:
    """A day, as people read it (marked 暂定 where its calendar is not out), and the working days left until it.

    `left` is negative once the day is over.
    """

    on: date
    text: str
    left: int


def due_on(work: WorkCalendar, application: Application) -> date | None:
    """Return the day by which somebody must act, None where formal review waits for nobody.

    The count begins with the round's close: who is examined earlier loses nothing. After a correction it begins
    when the answer came in.
    """
    if application.state is State.CORRECTION_REQUIRED:
        return application.correction_due_on
    if application.state not in (State.SUBMITTED, State.FORMAL_REVIEW):
        return None
    key = "formal.again_working_days" if application.correction_rounds else "formal.working_days"
    begins = max(clock.day_of(application.round.closes_at), clock.day_of(application.state_since))
    return work.add(begins, rounds.policy_value(application.round, key))


def due(work: WorkCalendar, application: Application) -> Due | None:
    """Return the same with the words for a page."""
    on = due_on(work, application)
    return Due(on, work.label(on), work.count(clock.today(), on)) if on else None
