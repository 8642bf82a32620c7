"""Running a round: open, extend, close, bring further as the work goes on, and put away."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry import clock, hooks, messages, workflow
from registry.errors import RuleError
from registry.models import Action, Application, CallRound, RoundExtension, RoundState, State, User
from registry.permissions import require
from registry.rounds.looking import policy_value
from registry.rounds.moving import expect, move, record, when
from registry.statements import stated

ORDER = list(RoundState)
SETTLED = (
    State.DRAFT,
    State.NOT_ACCEPTED,
    State.NOT_SELECTED,
    State.REJECTED,
    State.LISTED,
    State.WITHDRAWN,
)
"""States of an application in which nothing waits for anybody: a round may be archived."""


def open_round(session: Session, call: CallRound, actor: User) -> None:
    """Open an announced round by hand, also before its hour: that takes nothing from anybody."""
    require(actor, "round:manage")
    expect(call, "开始接收申报", RoundState.ANNOUNCED)
    _open(session, actor, call)


def close_round(session: Session, call: CallRound, actor: User) -> None:
    """Close a round by hand where the clock has not done it yet.

    Raises:
        RuleError: the announced end has not come; units rely on it.
    """
    require(actor, "round:manage")
    expect(call, "截止申报", RoundState.OPEN)
    if clock.now() < call.closes_at:
        raise RuleError(f"通知写明{when(call.closes_at)}截止，不能提前截止申报。", parameter="closes_at")
    _close(session, actor, call)


def extend(session: Session, call: CallRound, actor: User, *, closes_at: datetime, reason: str) -> None:
    """Move the end of a round back, and tell every unit that has a draft or an application in it.

    Raises:
        StaleError: it is closed, or not announced.
        RuleError: no reason, no later end, or the present end is over.
    """
    require(actor, "round:manage")
    expect(call, "延长截止时间", RoundState.ANNOUNCED, RoundState.OPEN)
    if call.closes_at <= clock.now():
        raise RuleError("截止时间已过，不能再延长。", parameter="closes_at")
    if closes_at <= call.closes_at:
        raise RuleError(
            f"新的截止时间：须晚于现在的截止时间（{when(call.closes_at)}）。", parameter="closes_at"
        )
    reason = stated(reason, "理由", "reason", why="，将写入给各申报单位的通知")
    before, call.closes_at = call.closes_at, closes_at
    session.add(
        RoundExtension(
            round_id=call.id, closed_before_at=before, closes_at=closes_at, reason=reason,
            extended_by_id=actor.id, extended_at=clock.now(),
        )
    )  # fmt: skip
    record(
        session, actor, call, "extend",
        {"before": before.isoformat(), "after": closes_at.isoformat(), "reason": reason},
    )  # fmt: skip
    _tell_units(
        session, call, "round.letter_extended", tuple(state for state in State if state is not State.WITHDRAWN),
        before=when(before), after=when(closes_at), reason=reason,
    )  # fmt: skip


def open_due(session: Session) -> int:
    """Open the announced rounds whose hour has come; return how many."""
    due = _due(session, RoundState.ANNOUNCED, CallRound.opens_at <= clock.now())
    for call in due:
        _open(session, None, call)
    return len(due)


def close_due(session: Session) -> int:
    """Close the open rounds whose end has come; return how many."""
    due = _due(session, RoundState.OPEN, CallRound.closes_at <= clock.now())
    for call in due:
        _close(session, None, call)
    return len(due)


def _due(session: Session, state: RoundState, come: ColumnElement[bool]) -> Sequence[CallRound]:
    return session.scalars(
        select(CallRound)
        .where(CallRound.state == state, come)
        .order_by(CallRound.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _open(session: Session, actor: User | None, call: CallRound) -> None:
    call.opens_at = min(call.opens_at, clock.now())
    move(session, actor, call, RoundState.OPEN, "open")


def _close(session: Session, actor: User | None, call: CallRound) -> None:
    """Close the round; what was submitted goes to formal review, who left a draft is told."""
    move(session, actor, call, RoundState.CLOSED, "close")
    for application in session.scalars(
        select(Application)
        .where(Application.round_id == call.id, Application.state == State.SUBMITTED)
        .order_by(Application.id)
    ).all():
        workflow.advance(session, application, workflow.SYSTEM, Action.BEGIN_FORMAL_REVIEW)
    _tell_units(session, call, "round.letter_closed", (State.DRAFT,), after=when(call.closes_at))


def advance_round(session: Session, call: CallRound, actor: User | None, target: RoundState) -> None:
    """Bring a closed round on to `target`, as review, notice and publication begin; never back.

    A round that stands there already, or that still takes in applications, stays as it is.
    """
    if ORDER.index(RoundState.CLOSED) <= ORDER.index(call.state) < ORDER.index(target):
        move(session, actor, call, target, "advance")


def archive(session: Session, call: CallRound, actor: User) -> None:
    """Put a finished round away.

    Raises:
        StaleError: it is not published, or archived already.
        RuleError: an application of it is still under way.
    """
    require(actor, "round:manage")
    expect(call, "归档", RoundState.PUBLISHED)
    if waiting := session.scalars(
        select(Application.id).where(
            Application.round_id == call.id,
            Application.state.not_in(SETTLED) | Application.reconsideration_due_on.is_not(None),
        )
    ).all():
        raise RuleError(f"还有 {len(waiting)} 项申报没有办结，不能归档。", parameter="state")
    move(session, actor, call, RoundState.ARCHIVED, "archive")


def _tell_units(
    session: Session, call: CallRound, letter: str, states: Sequence[State], **words: str
) -> None:
    """Tell every unit with an application of the round in one of the states, once."""
    text = policy_value(call, letter)
    units = session.scalars(
        select(Application.organization_id)
        .where(Application.round_id == call.id, Application.state.in_(states))
        .distinct()
        .order_by(Application.organization_id)
    ).all()
    for unit in units:
        messages.tell(
            session,
            messages.members(session, unit, messages.APPLICANT_ROLES),
            subject=text["subject"].format(round=call.name, **words),
            body=text["body"].format(round=call.name, **words),
            path=f"/rounds/{call.id}",
        )


def turn(context: hooks.Context) -> None:
    """Open and close the rounds whose hour has come."""
    with context.database.transaction() as session:
        open_due(session)
        close_due(session)


hooks.clocks.append(hooks.Clock("rounds.turn", timedelta(minutes=1), turn))
