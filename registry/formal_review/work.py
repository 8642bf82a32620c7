"""What waits in formal review and for the unit, what falls due at the turn of the day, and what must always hold."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from registry import applications, calendar, clock, hooks, policy_checks, questions, rounds
from registry.formal_review import correcting, looking
from registry.formal_review.looking import Filters
from registry.hooks import WorkItem
from registry.models import (
    FROZEN_STATES,
    Application,
    ApplicationRevision,
    CheckVerdict,
    CorrectionLetter,
    FormalReviewItem,
    State,
)
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


# --- what must hold -----------------------------------------------------------------------------------------------


def check(context: hooks.Context) -> Sequence[str]:
    """Return what is broken between checklists, letters and applications."""
    with context.database.reading() as session:
        return [*_miscounted(session), *_accepted_on_other_content(session), *_unasked(session)]


def _miscounted(session: Session) -> Iterator[str]:
    opened, failed = (
        func.count().filter(FormalReviewItem.verdict == verdict)
        for verdict in (CheckVerdict.OPEN, CheckVerdict.FAILED)
    )
    query = (
        select(Application.number)
        .join(FormalReviewItem, FormalReviewItem.application_id == Application.id)
        .group_by(Application.id)
        .having((opened != Application.open_checks) | (failed != Application.failed_checks))
        .order_by(Application.id)
    )
    for number in session.scalars(query):
        yield f"application {number}: its checklist does not add up to its columns"


def _accepted_on_other_content(session: Session) -> Iterator[str]:
    """Yield the accepted applications whose hash is not that of the revision they name."""
    filed = select(ApplicationRevision.id).where(
        ApplicationRevision.application_id == Application.id,
        ApplicationRevision.number == Application.frozen_revision,
        ApplicationRevision.hash == Application.frozen_hash,
    )
    for number in session.scalars(
        select(Application.number).where(Application.state.in_(FROZEN_STATES), ~filed.exists())
    ):
        yield f"application {number}: accepted under a hash that none of its revisions has"


def _unasked(session: Session) -> Iterator[str]:
    """Yield the applications that wait for a correction without the letter that asks for it."""
    letter = select(CorrectionLetter.id).where(
        CorrectionLetter.application_id == Application.id,
        CorrectionLetter.due_on == Application.correction_due_on,
    )
    for number in session.scalars(
        select(Application.number).where(Application.state == State.CORRECTION_REQUIRED, ~letter.exists())
    ):
        yield f"application {number}: waits for a correction that no letter asks for"


def _check_policy(_session: Session, key: str, value: Any) -> None:
    """Refuse values that would leave nobody time, or that the letters and findings could not work with."""
    if key == "formal.letter_moved":
        try:
            for text in value.values():
                text.format(product="", before="", after="")
        except (KeyError, IndexError, ValueError):
            raise ValueError("可用字只有 {product} {before} {after}。") from None
    elif key == "formal.rights":
        known = next(row.choices or {} for row in questions.by_key()["rights"].columns if row.key == "kind")
        if strange := {kind for kinds in value["kinds"].values() for kind in kinds} - set(known):
            raise ValueError(f"没有这种权利：{'、'.join(sorted(strange))}；可写 {'、'.join(known)}。")
    elif key.endswith("_days") and value < 1:
        raise ValueError("至少 1 个工作日。")


hooks.work_items.append(waiting)
hooks.clocks.append(hooks.Clock("formal_review.turn", timedelta(minutes=5), turn))
hooks.checks.append(check)
policy_checks.CHECKS["formal."] = _check_policy
