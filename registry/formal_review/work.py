"""What waits in formal review and for the unit, and what falls due at the turn of the day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from registry import applications, calendar, clock, hooks, rounds
from registry.formal_review import correcting, looking
from registry.formal_review.looking import Filters
from registry.hooks import WorkItem
from registry.models import Application, CorrectionLetter, State
from registry.permissions import may

OFFICE = "/office/formal-review"


def waiting(session: Session, user: Any) -> Iterator[WorkItem]:
    """Yield what waits for an examiner, for who confirms refusals, and for the unit."""
    if may(user, "formal_review:examine"):
        examined = looking.queue(Filters()).where(Application.state == State.FORMAL_REVIEW)
        yield from _queue(session, "形式审查", OFFICE, examined)
    if may(user, "formal_review:decide"):
        proposed = looking.queue(Filters(shown="proposed"))
        yield from _queue(session, "待确认的不予受理", f"{OFFICE}?shown=proposed", proposed)
    if user.organization_id is not None and may(user, "application:edit"):
        count, first = session.execute(
            select(func.count(), func.min(Application.correction_due_on)).where(
                Application.organization_id == user.organization_id,
                Application.state == State.CORRECTION_REQUIRED,
            )
        ).one()
        if count:
            yield WorkItem("答复补正事项", "/apply/", count, first)


def _queue(session: Session, name: str, url: str, query: Select[Application]) -> Iterator[WorkItem]:
    rows = session.scalars(query).all()
    if rows:
        first = min(due.on for due in looking.due_days(session, rows).values())
        yield WorkItem(name, url, len(rows), first)


def turn(context: hooks.Context) -> None:
    """Recount the due days by today's calendar, then let lapse what is overdue; each case by itself."""
    with context.database.reading() as session:
        due = list(_due(session))
    for application_id in due:
        with context.database.transaction() as session:
            application = applications.held(session, application_id)
            if application.state is State.CORRECTION_REQUIRED:
                correcting.recount(session, application)
            correcting.lapse(session, application)


def _due(session: Session) -> Iterator[int]:
    """Yield the applications whose letter is overdue, or whose due day the calendar moves."""
    work, today = calendar.load(session), clock.today()
    rows = session.execute(
        select(Application, CorrectionLetter)
        .join(CorrectionLetter, CorrectionLetter.application_id == Application.id)
        .where(
            Application.state == State.CORRECTION_REQUIRED,
            CorrectionLetter.due_on == Application.correction_due_on,
        )
        .options(joinedload(Application.round))
        .order_by(Application.id)
    )
    for application, letter in rows:
        days = rounds.policy_value(application.round, "formal.correction_working_days")
        if letter.due_on < today or work.add(clock.day_of(letter.issued_at), days) > letter.due_on:
            yield application.id


hooks.work_items.append(waiting)
hooks.clocks.append(hooks.Clock("formal_review.turn", timedelta(minutes=5), turn))
