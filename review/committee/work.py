"""What waits for whom, what falls due by itself, what its policy must fulfil, and what must always hold."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from registry import hooks, policy_checks
from registry.canonical import digest
from registry.hooks import WorkItem
from registry.models import Application, Decision, State, User
from registry.permissions import may
from review.committee import decisions, queries, representatives, sittings, tally
from review.committee.models import (
    AgendaItem,
    Ballot,
    Sitting,
    SittingKind,
    SittingState,
    SittingUnit,
    TallyOutcome,
)

OFFICE = "/office/committee"
LETTER_WORDS = {
    "committee.letter_opinion": ("sitting", "count", "due"),
    "committee.letter_meeting": ("sitting", "count", "time", "place"),
    "committee.letter_recalled": ("sitting", "product"),
}

# --- what waits ---------------------------------------------------------------------------------------------------


def waiting(session: Session, user: User) -> Iterator[WorkItem]:
    """Yield what waits for the secretariat, for the chair and for a department's people."""
    if may(user, "committee:manage"):
        yield from _for_office(session)
    if may(user, "committee:decide"):
        yield from _for_chair(session)
    if may(user, "ballot:list") and (speaker := representatives.of_user(session, user.id)):
        yield from _for_department(session, speaker.unit)


def _for_office(session: Session) -> Iterator[WorkItem]:
    if count := sum(number for _call, number in session.execute(queries.waiting_rounds())):
        yield WorkItem("产品待列入编审委员会议程", OFFICE, count)
    rows = session.execute(
        select(Sitting.state, func.count(), func.min(Sitting.due_on))
        .where(Sitting.state.in_(sittings.RUNNING))
        .group_by(Sitting.state)
        .order_by(Sitting.state)
    ).all()
    texts = {
        SittingState.PREPARED: "议程待发出通知",
        SittingState.CALLED: "会议待召开",
        SittingState.VOTING: "征求意见或者表决进行中",
    }
    for state, count, due_on in rows:
        yield WorkItem(texts[state], OFFICE, count, due_on)
    if count := _count(session, _settled(), Sitting.minutes.is_(None)):
        yield WorkItem("编审委员会纪要待写", OFFICE, count)


def _for_chair(session: Session) -> Iterator[WorkItem]:
    if count := session.scalar(
        select(func.count())
        .select_from(AgendaItem)
        .join(Application)
        .where(
            AgendaItem.ended_at.is_(None),
            AgendaItem.outcome.is_not(None),
            Application.state == State.COMMITTEE_PENDING,
        )
    ):
        yield WorkItem("表决结束、待作出决定的产品", OFFICE, count)
    if count := _count(session, _settled(), Sitting.minutes.is_not(None)):
        yield WorkItem("编审委员会纪要待封存", OFFICE, count)


def _for_department(session: Session, unit: str) -> Iterator[WorkItem]:
    count, due_on = session.execute(
        select(func.count(), func.min(Sitting.due_on))
        .join(SittingUnit, SittingUnit.sitting_id == Sitting.id)
        .where(
            Sitting.state == SittingState.VOTING,
            SittingUnit.unit == unit,
            SittingUnit.answered_at.is_(None),
            or_(Sitting.kind == SittingKind.OPINION_ROUND, SittingUnit.is_present),
        )
    ).one()
    if count:
        yield WorkItem("待贵单位反馈意见或者表决", "/review/committee/", count, due_on)


def _settled() -> Any:
    """Return the condition that a sitting is closed and nothing of it waits for the chair."""
    open_items = (
        select(AgendaItem.id)
        .join(Application)
        .where(
            AgendaItem.sitting_id == Sitting.id,
            AgendaItem.ended_at.is_(None),
            Application.state == State.COMMITTEE_PENDING,
        )
    )
    return (Sitting.state == SittingState.CLOSED) & ~open_items.exists()


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(Sitting).where(*conditions)) or 0


# --- what falls due -----------------------------------------------------------------------------------------------


def turn(context: hooks.Context) -> None:
    """Close the letters whose last day is over."""
    with context.database.transaction() as session:
        sittings.close_due(session)


# --- what its policy must fulfil ----------------------------------------------------------------------------------


def _check_rule(_session: Session, _key: str, value: Any) -> None:
    tally.rule_of(value)


def _check_letter(_session: Session, key: str, value: Any) -> None:
    words = LETTER_WORDS.get(key)
    if words is None:
        return
    try:
        for text in value.values():
            text.format(**dict.fromkeys(words, ""))
    except (KeyError, IndexError, ValueError):
        raise ValueError(f"可用字只有 {' '.join(f'{{{word}}}' for word in words)}。") from None


# --- what must hold -----------------------------------------------------------------------------------------------


def check(context: hooks.Context) -> Sequence[str]:
    """Return what is broken between sittings, ballots and applications."""
    with context.database.reading() as session:
        return [*_broken_seals(session), *_undecided(session), *_strangers(session)]


def _broken_seals(session: Session) -> Iterator[str]:
    sealed = session.scalars(
        select(Sitting.id).where(Sitting.state == SittingState.SEALED).order_by(Sitting.id)
    ).all()
    for sitting_id in sealed:
        sitting = session.scalars(queries.whole(sitting_id)).one()
        if digest(decisions.content(sitting)) != sitting.sealed_hash:
            yield f"sitting {sitting_id}: the sealed minutes were altered"


def _undecided(session: Session) -> Iterator[str]:
    """Yield the decisions that no tally carries."""
    for item in session.scalars(select(AgendaItem).where(AgendaItem.decision.is_not(None))):
        if item.decision not in decisions.CHOICES[item.outcome or TallyOutcome.NO_QUORUM]:
            yield f"agenda item {item.id}: decided {item.decision} on a tally {item.outcome}"
    decided = select(AgendaItem.id).where(
        AgendaItem.application_id == Application.id, AgendaItem.decision == Decision.APPROVED
    )
    for number in session.scalars(
        select(Application.number).where(Application.decision == Decision.APPROVED, ~decided.exists())
    ):
        yield f"application {number}: approved without a sitting"


def _strangers(session: Session) -> Iterator[str]:
    """Yield the ballots that belong to a department of another sitting."""
    for item_id, unit_id in session.execute(
        select(Ballot.item_id, Ballot.unit_id)
        .join(AgendaItem, AgendaItem.id == Ballot.item_id)
        .join(SittingUnit, SittingUnit.id == Ballot.unit_id)
        .where(AgendaItem.sitting_id != SittingUnit.sitting_id)
    ):
        yield f"ballot of unit {unit_id} on item {item_id}: the unit sits elsewhere"


hooks.work_items.append(waiting)
hooks.clocks.append(hooks.Clock("committee.turn", timedelta(minutes=10), turn))
hooks.checks.append(check)
policy_checks.CHECKS["committee.rule"] = _check_rule
policy_checks.CHECKS["committee.letter"] = _check_letter
