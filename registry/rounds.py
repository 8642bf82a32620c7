"""Rounds: create, announce with the policy frozen, open, extend, close, and bring further as the work goes on.

A round's rules are read with `policy_value`, never from today's policy: what changes after the announcement does not
alter a running round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, counters, hooks, messages, policy, trail, workflow
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import (
    Action,
    Application,
    CallRound,
    ListCode,
    RoundExtension,
    RoundState,
    State,
    User,
)
from registry.permissions import require
from registry.terms import label

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


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round is to be; without a `batch` it takes the year's next one."""

    year: int
    title: str
    lists: Sequence[ListCode]
    opens_at: datetime
    closes_at: datetime
    reference_on: date
    text: str = ""
    batch: int | None = None
    is_sealed: bool = False


# --- looking ------------------------------------------------------------------------------------------------------


def policy_value(call: CallRound, key: str) -> Any:
    """Return a parameter as the round froze it; one that a later version of the software added, as shipped.

    Raises:
        KeyError: the round is not announced yet, or there is no such parameter.
    """
    if call.policy is None:
        raise KeyError(f"round {call.id} has no frozen policy before it is announced")
    return call.policy[key]["value"] if key in call.policy else policy.shipped()[key]["value"]


def is_taking(call: CallRound) -> bool:
    """Return whether the round takes in applications at this instant."""
    return call.state is RoundState.OPEN and call.opens_at <= clock.now() < call.closes_at


def taking(session: Session, round_id: int) -> CallRound:
    """Return the round that takes in applications now, and hold it open until the commit.

    Those who submit share the hold, closing waits for them: nobody slips in after the close.

    Raises:
        RuleError: it is not open, or not any more.
    """
    call = _locked(session, round_id, shared=True)
    if not is_taking(call):
        raise RuleError(
            f"{call.name}现在不接收申报（{label(call.state)}，"
            f"{_when(call.opens_at)}至{_when(call.closes_at)}）。",
            parameter="round",
        )
    return call


def locked(session: Session, round_id: int, *, version: int | None = None) -> CallRound:
    """Return a round for changing it; others who want to change it wait until the commit.

    Raises:
        NotFoundError: there is no such round.
        StaleError: it was changed since the page with `version` was shown.
    """
    call = _locked(session, round_id, shared=False)
    if version is not None and call.version_id != version:
        raise StaleError("这个批次刚刚被别人修改，请刷新页面查看后再办理。", parameter="version")
    return call


def _locked(session: Session, round_id: int, *, shared: bool) -> CallRound:
    call = session.scalars(
        select(CallRound)
        .where(CallRound.id == round_id)
        .with_for_update(read=shared)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if call is None:
        raise NotFoundError("没有这个批次。", parameter="round")
    return call


# --- planning and announcing --------------------------------------------------------------------------------------


def create(session: Session, actor: User, *, plan: Plan) -> CallRound:
    """Make a round in preparation; nobody but the staff sees it before it is announced."""
    require(actor, "round:manage")
    call = CallRound(
        batch=_batch(session, plan, None),
        state=RoundState.DRAFT,
        created_by_id=actor.id,
        created_at=clock.now(),
        **_values(plan),
    )
    session.add(call)
    session.flush()  # the trail names the round by its id
    _record(session, actor, call, "create", {"name": call.name, "lists": call.lists})
    return call


def revise(session: Session, call: CallRound, actor: User, *, plan: Plan) -> None:
    """Change a round that is still in preparation.

    Raises:
        StaleError: it was announced meanwhile.
    """
    require(actor, "round:manage")
    _expect(call, "修改", RoundState.DRAFT)
    call.batch = _batch(session, plan, call)
    for name, value in _values(plan).items():
        setattr(call, name, value)
    _record(session, actor, call, "revise", {"name": call.name, "lists": call.lists})


def announce(session: Session, call: CallRound, actor: User) -> None:
    """Publish the call: from now on its dates bind, and its policy is today's for good.

    Raises:
        StaleError: it was announced already.
        RuleError: the notice has no text, or its end is over.
    """
    require(actor, "round:manage")
    _expect(call, "发布申报通知", RoundState.DRAFT)
    if not call.text.strip():
        raise RuleError("通知正文：必填，发布申报通知前请先写好。", parameter="text")
    if call.closes_at <= clock.now():
        raise RuleError("截止时间：已经过去，不能发布申报通知。", parameter="closes_at")
    call.policy = policy.freeze(session)
    call.announced_at = clock.now()
    _move(session, actor, call, RoundState.ANNOUNCED, "announce")


def _values(plan: Plan) -> dict[str, Any]:
    if not plan.title.strip():
        raise RuleError("标题：必填。", parameter="title")
    if not plan.lists:
        raise RuleError("名单：至少选择一个。", parameter="lists")
    if plan.closes_at <= plan.opens_at:
        raise RuleError("截止时间：须晚于开始时间。", parameter="closes_at")
    return {
        "year": plan.year,
        "title": plan.title.strip(),
        "lists": [code.value for code in ListCode if code in plan.lists],
        "opens_at": plan.opens_at,
        "closes_at": plan.closes_at,
        "reference_on": plan.reference_on,
        "sealed": plan.is_sealed,
        "text": plan.text.strip(),
    }


def _batch(session: Session, plan: Plan, call: CallRound | None) -> int:
    """Return the batch a plan gets; the counter's row keeps two rounds from taking the same."""
    name = f"round.{plan.year}"
    if call is not None and plan.year == call.year and plan.batch in (None, call.batch):
        return call.batch
    counters.raise_to(session, name, plan.batch or 0)  # its row is locked before looking
    taken = session.scalars(select(CallRound.batch).where(CallRound.year == plan.year)).all()
    if plan.batch is None:
        counters.raise_to(session, name, max(taken, default=0))
        return counters.take(session, name)
    if plan.batch in taken:
        raise RuleError(
            f"批次：{plan.year}年第{plan.batch}批已经有了，请换一个，或者留空由系统顺次给号。",
            parameter="batch",
        )
    return plan.batch


# --- opening and closing ------------------------------------------------------------------------------------------


def open_round(session: Session, call: CallRound, actor: User) -> None:
    """Open an announced round by hand, also before its hour: that takes nothing from anybody."""
    require(actor, "round:manage")
    _expect(call, "开始接收申报", RoundState.ANNOUNCED)
    _open(session, actor, call)


def close_round(session: Session, call: CallRound, actor: User) -> None:
    """Close a round by hand where the clock has not done it yet.

    Raises:
        RuleError: the announced end has not come; units rely on it.
    """
    require(actor, "round:manage")
    _expect(call, "截止申报", RoundState.OPEN)
    if clock.now() < call.closes_at:
        raise RuleError(f"通知写明{_when(call.closes_at)}截止，不能提前截止申报。", parameter="closes_at")
    _close(session, actor, call)


def extend(session: Session, call: CallRound, actor: User, *, closes_at: datetime, reason: str) -> None:
    """Move the end of a round back, and tell every unit that has a draft or an application in it.

    Raises:
        StaleError: it is closed, or not announced.
        RuleError: no reason, no later end, or the present end is over.
    """
    require(actor, "round:manage")
    _expect(call, "延长截止时间", RoundState.ANNOUNCED, RoundState.OPEN)
    if call.closes_at <= clock.now():
        raise RuleError("截止时间已过，不能再延长。", parameter="closes_at")
    if closes_at <= call.closes_at:
        raise RuleError(
            f"新的截止时间：须晚于现在的截止时间（{_when(call.closes_at)}）。", parameter="closes_at"
        )
    if not reason.strip():
        raise RuleError("理由：必填，将写入给各申报单位的通知。", parameter="reason")
    before, call.closes_at = call.closes_at, closes_at
    session.add(
        RoundExtension(
            round_id=call.id, closed_before_at=before, closes_at=closes_at, reason=reason.strip(),
            extended_by_id=actor.id, extended_at=clock.now(),
        )
    )  # fmt: skip
    _record(
        session, actor, call, "extend",
        {"before": before.isoformat(), "after": closes_at.isoformat(), "reason": reason.strip()},
    )  # fmt: skip
    _tell_units(
        session, call, "round.letter_extended", tuple(state for state in State if state is not State.WITHDRAWN),
        before=_when(before), after=_when(closes_at), reason=reason.strip(),
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


def _due(session: Session, state: RoundState, come: Any) -> Sequence[CallRound]:
    return session.scalars(
        select(CallRound)
        .where(CallRound.state == state, come)
        .order_by(CallRound.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _open(session: Session, actor: User | None, call: CallRound) -> None:
    call.opens_at = min(call.opens_at, clock.now())
    _move(session, actor, call, RoundState.OPEN, "open")


def _close(session: Session, actor: User | None, call: CallRound) -> None:
    """Close the round; what was submitted goes to formal review, who left a draft is told."""
    _move(session, actor, call, RoundState.CLOSED, "close")
    for application in session.scalars(
        select(Application)
        .where(Application.round_id == call.id, Application.state == State.SUBMITTED)
        .order_by(Application.id)
    ).all():
        workflow.advance(session, application, workflow.SYSTEM, Action.BEGIN_FORMAL_REVIEW)
    _tell_units(session, call, "round.letter_closed", (State.DRAFT,), after=_when(call.closes_at))


# --- later --------------------------------------------------------------------------------------------------------


def advance_round(session: Session, call: CallRound, actor: User | None, target: RoundState) -> None:
    """Bring a closed round on to `target`, as review, notice and publication begin; never back.

    A round that stands there already, or that still takes in applications, stays as it is.
    """
    if ORDER.index(RoundState.CLOSED) <= ORDER.index(call.state) < ORDER.index(target):
        _move(session, actor, call, target, "advance")


def archive(session: Session, call: CallRound, actor: User) -> None:
    """Put a finished round away.

    Raises:
        StaleError: it is not published, or archived already.
        RuleError: an application of it is still under way.
    """
    require(actor, "round:manage")
    _expect(call, "归档", RoundState.PUBLISHED)
    if waiting := session.scalars(
        select(Application.id).where(Application.round_id == call.id, Application.state.not_in(SETTLED))
    ).all():
        raise RuleError(f"还有 {len(waiting)} 项申报没有办结，不能归档。", parameter="state")
    _move(session, actor, call, RoundState.ARCHIVED, "archive")


def _expect(call: CallRound, act: str, *states: RoundState) -> None:
    if call.state not in states:
        raise StaleError(
            f"{call.name}现处于“{label(call.state)}”，不能{act}；请刷新页面查看最新状态。", parameter="state"
        )


def _move(session: Session, actor: User | None, call: CallRound, target: RoundState, act: str) -> None:
    source, call.state = call.state, target
    session.flush()  # the constraints and the version refuse here, not at the commit
    _record(session, actor, call, act, {"from": source, "to": target})


def _record(session: Session, actor: User | None, call: CallRound, act: str, detail: dict[str, Any]) -> None:
    trail.record(session, actor, f"round.{act}", subject="round", subject_id=call.id, detail=detail)


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


def _when(at: datetime) -> str:
    local = at.astimezone(clock.BEIJING)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def turn(context: hooks.Context) -> None:
    """Open and close the rounds whose hour has come."""
    with context.database.transaction() as session:
        open_due(session)
        close_due(session)


hooks.clocks.append(hooks.Clock("rounds.turn", timedelta(minutes=1), turn))
