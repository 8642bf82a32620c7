"""Sittings: set an agenda, call the departments, begin the voting with a quorum, close and tally."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import calendar, clock, counters, messages, rounds, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import Action, Application, CallRound, State, User
from registry.permissions import require
from registry.statements import stated
from registry.terms import label
from review.committee import queries, tally
from review.committee.models import (
    AgendaItem,
    Representative,
    Sitting,
    SittingKind,
    SittingState,
    SittingUnit,
    TallyOutcome,
)
from review.committee.representatives import UNITS, standing
from review.committee.tally import Quorum, Rule, Seat

RUNNING = (SittingState.PREPARED, SittingState.CALLED, SittingState.VOTING)


@dataclass(frozen=True, slots=True)
class Plan:
    """How and when the committee is asked: a letter has a last day, a meeting an hour and a place."""

    kind: SittingKind
    due_on: date | None = None
    held_at: datetime | None = None
    place: str = ""


# --- looking ------------------------------------------------------------------------------------------------------


def whole(session: Session, sitting_id: int) -> Sitting:
    """Return a sitting with everything that its pages show.

    Raises:
        NotFoundError: there is no such sitting.
    """
    sitting = session.scalars(
        queries.whole(sitting_id).execution_options(populate_existing=True)
    ).one_or_none()
    if sitting is None:
        raise NotFoundError("没有这次征求意见或者会议。", parameter="sitting")
    return sitting


def locked(session: Session, sitting_id: int, *, version: int | None = None, shared: bool = False) -> Sitting:
    """Return a sitting for changing it; others wait until the commit. Those who vote share the hold, closing waits.

    Raises:
        NotFoundError: there is no such sitting.
        StaleError: it was changed since the page with `version` was shown.
    """
    found = session.execute(
        select(Sitting.version_id).where(Sitting.id == sitting_id).with_for_update(read=shared)
    ).scalar_one_or_none()
    if found is not None and version is not None and found != version:
        raise StaleError("这次征求意见或者会议刚刚有变化，请刷新页面查看后再办理。", parameter="version")
    return whole(session, sitting_id)


def rule_of(sitting: Sitting) -> Rule:
    """Return the rule by which the sitting counts, as its round froze it."""
    return tally.rule_of(rounds.policy_value(sitting.round, "committee.rule"))


def suggested_due(session: Session, call: CallRound) -> date:
    """Return the last day for answers to a letter sent today, as the round's policy suggests it."""
    return calendar.load(session).add(clock.today(), rounds.policy_value(call, "committee.letter_days"))


def attendance(sitting: Sitting, present: Collection[int]) -> Quorum:
    """Return whether a meeting with these units is enough, before anybody is recused."""
    seats = [Seat(unit.unit, unit.is_lead, unit.id in present) for unit in sitting.units]
    return tally.quorum(seats, rule_of(sitting))


def seats(sitting: Sitting, item: AgendaItem) -> list[Seat]:
    """Return the departments before a product's tally: to a letter those are present who answered."""
    cast = {ballot.unit_id: ballot for ballot in item.ballots}
    is_letter = sitting.kind is SittingKind.OPINION_ROUND
    return [
        Seat(
            unit.unit, unit.is_lead, unit.id in cast if is_letter else unit.is_present,
            cast[unit.id].vote if unit.id in cast else None, unit.id in cast and cast[unit.id].is_veto,
        )
        for unit in sitting.units
    ]  # fmt: skip


# --- preparing and calling ----------------------------------------------------------------------------------------


def prepare(
    session: Session, actor: User, call: CallRound, *, plan: Plan, application_ids: Collection[int]
) -> Sitting:
    """Set an agenda of a round's products; a deferred product comes back before the committee with it.

    The departments are those that the round froze when it was announced.

    Raises:
        RuleError: no product, one that does not wait for an agenda, or a plan without day, hour or place, or in the past.
    """
    require(actor, "committee:manage")
    _check(plan)
    products = _placed(session, call, application_ids)
    sitting = Sitting(
        round=call, number=counters.take(session, f"sitting.{call.id}.{plan.kind}"), kind=plan.kind,
        state=SittingState.PREPARED, due_on=plan.due_on, held_at=plan.held_at, place=plan.place.strip() or None,
        prepared_by_id=actor.id, prepared_at=clock.now(),
        units=[
            SittingUnit(unit=row["unit"], is_lead=row["lead"], remit=row["remit"])
            for row in rounds.policy_value(call, UNITS)
        ],
        items=[AgendaItem(application=product, position=number) for number, product in enumerate(products, 1)],
    )  # fmt: skip
    session.add(sitting)
    session.flush()  # the trail names it by its id, and the unique index refuses a product on two agendas
    _record(session, actor, sitting, "prepare", {"applications": [product.id for product in products]})
    for product in products:
        product.is_on_agenda = True
        if product.state is State.DEFERRED:
            workflow.advance(session, product, actor, Action.RESUME)
        product.decision = product.decided_on = None  # an earlier decision decides nothing any more
    return sitting


def _check(plan: Plan) -> None:
    if plan.kind is SittingKind.OPINION_ROUND and plan.due_on is None:
        raise RuleError("反馈截止日：书面征求意见必填。", parameter="due_on")
    if plan.due_on is not None and plan.due_on <= clock.today():
        raise RuleError("反馈截止日：应晚于今天。", parameter="due_on")
    if plan.kind is SittingKind.MEETING:
        if plan.held_at is None:
            raise RuleError("会议时间：会议表决必填。", parameter="held_at")
        if not plan.place.strip():
            raise RuleError("会议地点：会议表决必填。", parameter="place")
        if plan.held_at <= clock.now():
            raise RuleError("会议时间：应晚于现在。", parameter="held_at")


def _placed(session: Session, call: CallRound, application_ids: Collection[int]) -> Sequence[Application]:
    if not application_ids:
        raise RuleError("产品：至少选择一个。", parameter="applications")
    found = session.scalars(
        select(Application)
        .where(Application.id.in_(application_ids), Application.round_id == call.id)
        .order_by(Application.list_code, Application.official_score.desc(), Application.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    free = [one for one in found if one.state in queries.PLACEABLE and not one.is_on_agenda]
    if len(free) < len(set(application_ids)):
        raise StaleError(
            "选择的产品中有的已列入别的议程，或者不再待审议，请刷新页面。", parameter="applications"
        )
    return free


def call_units(session: Session, sitting: Sitting, actor: User) -> None:
    """Tell the representatives; to a letter they may answer from now on, a meeting waits for its hour.

    Raises:
        StaleError: they were told already.
        RuleError: the last day for answers or the hour of the meeting is not ahead any more.
    """
    require(actor, "committee:manage")
    _expect(sitting, "发出通知", SittingState.PREPARED)
    is_letter = sitting.kind is SittingKind.OPINION_ROUND
    _check(Plan(sitting.kind, due_on=sitting.due_on, held_at=sitting.held_at, place=sitting.place or ""))
    sitting.state = SittingState.VOTING if is_letter else SittingState.CALLED
    sitting.called_at = clock.now()
    _record(session, actor, sitting, "call", {})
    _tell(session, sitting)


def begin_voting(session: Session, sitting: Sitting, actor: User, *, present: Collection[int]) -> None:
    """Note which departments attend and begin the voting; `present` are ids of the sitting's units.

    Raises:
        StaleError: the voting began already.
        RuleError: too few attend, or a lead unit is missing.
    """
    require(actor, "committee:manage")
    _expect(sitting, "开始表决", SittingState.CALLED)
    found = attendance(sitting, present)
    if found.missing_leads:
        raise RuleError(
            f"到会单位：牵头单位 {'、'.join(found.missing_leads)} 没有到会，不能表决。", parameter="present"
        )
    if not found.holds:
        raise RuleError(
            f"到会单位：{found.base} 个委员单位中到会 {found.present} 个，不足 {found.needed} 个，不能表决。",
            parameter="present",
        )
    for unit in sitting.units:
        unit.is_present = unit.id in present
    sitting.state = SittingState.VOTING
    _record(
        session, actor, sitting, "begin", {"present": [one.unit for one in sitting.units if one.is_present]}
    )


# --- closing ------------------------------------------------------------------------------------------------------


def may_close(sitting: Sitting) -> bool:
    """Return whether the voting may end now: a letter runs to its last day unless every department answered."""
    return sitting.state is SittingState.VOTING and (
        sitting.kind is SittingKind.MEETING
        or (sitting.due_on is not None and sitting.due_on < clock.today())
        or all(unit.answered_at for unit in sitting.units)
    )


def close(session: Session, sitting: Sitting, actor: User | None) -> None:
    """End the voting and tally every product; one without a quorum leaves the agenda undecided.

    `actor` is None for the clock.

    Raises:
        StaleError: it is closed already.
        RuleError: departments may still answer the letter.
    """
    if actor is not None:
        require(actor, "committee:manage")
    _expect(sitting, "结束表决", SittingState.VOTING)
    if not may_close(sitting):
        raise RuleError("反馈期限还没有届满，还有单位没有反馈，不能汇总。", parameter="due_on")
    rule = rule_of(sitting)
    for item in sitting.items:
        if item.ended_at is not None or item.application.state is not State.COMMITTEE_PENDING:
            release(item)  # withdrawn meanwhile
            continue
        found = tally.tally(seats(sitting, item), rule)
        item.outcome, item.tally = found.outcome, found.record()
        if found.outcome is TallyOutcome.NO_QUORUM:
            release(item)
    sitting.state, sitting.closed_at = SittingState.CLOSED, clock.now()
    _record(
        session, actor, sitting, "close",
        {"outcomes": {str(item.application_id): item.outcome for item in sitting.items}},
    )  # fmt: skip


def cancel(session: Session, sitting: Sitting, actor: User, *, reason: str) -> None:
    """Give a sitting up before it is closed; its products wait for another agenda, votes already cast are kept.

    Raises:
        StaleError: it is closed or cancelled already.
        RuleError: no reason.
    """
    require(actor, "committee:manage")
    _expect(sitting, "取消", *RUNNING)
    reason = stated(reason, "理由", "reason")
    for item in sitting.items:
        release(item)
    sitting.state, sitting.reason = SittingState.CANCELLED, reason
    _record(session, actor, sitting, "cancel", {"reason": reason})


def close_due(session: Session) -> int:
    """Close the letters whose last day is over; return how many."""
    due = session.scalars(
        select(Sitting.id)
        .where(
            Sitting.kind == SittingKind.OPINION_ROUND,
            Sitting.state == SittingState.VOTING,
            Sitting.due_on < clock.today(),
        )
        .order_by(Sitting.id)
    ).all()
    for sitting_id in due:
        sitting = locked(session, sitting_id)
        if sitting.state is SittingState.VOTING:
            close(session, sitting, None)
    return len(due)


def release(item: AgendaItem) -> None:
    """Take a product off the agenda without a decision, unless it was decided."""
    if item.ended_at is None:
        item.ended_at = clock.now()
        item.application.is_on_agenda = False


# --- telling and recording ----------------------------------------------------------------------------------------


def _tell(session: Session, sitting: Sitting) -> None:
    is_letter = sitting.kind is SittingKind.OPINION_ROUND
    text = rounds.policy_value(
        sitting.round, "committee.letter_opinion" if is_letter else "committee.letter_meeting"
    )
    words = {
        "sitting": sitting.name,
        "count": str(len(sitting.items)),
        "due": calendar.load(session).label(sitting.due_on) if sitting.due_on else "",
        "time": _when(sitting.held_at) if sitting.held_at else "",
        "place": sitting.place or "",
    }
    messages.tell(
        session, speakers(session, sitting), path=f"/review/committee/{sitting.id}",
        subject=text["subject"].format(**words), body=text["body"].format(**words),
    )  # fmt: skip


def speakers(session: Session, sitting: Sitting) -> Sequence[User]:
    """Return who speaks today for one of the sitting's departments."""
    return session.scalars(
        select(User)
        .join(Representative, Representative.user_id == User.id)
        .where(
            User.is_active,
            Representative.id.in_(standing().with_only_columns(Representative.id).order_by(None)),
            Representative.unit.in_([unit.unit for unit in sitting.units]),
        )
        .order_by(User.id)
    ).all()


def _when(at: datetime) -> str:
    local = at.astimezone(clock.BEIJING)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def _expect(sitting: Sitting, act: str, *states: SittingState) -> None:
    if sitting.state not in states:
        raise StaleError(
            f"{sitting.name}现为“{label(sitting.state)}”，不能{act}；请刷新页面查看最新状态。",
            parameter="state",
        )


def _record(session: Session, actor: User | None, sitting: Sitting, act: str, detail: dict[str, Any]) -> None:
    trail.record(session, actor, f"sitting.{act}", subject="sitting", subject_id=sitting.id, detail=detail)
