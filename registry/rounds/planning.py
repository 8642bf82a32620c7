"""Planning a round and announcing it: from then on its dates bind and its policy is frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, counters, policy
from registry.errors import RuleError
from registry.models import CallRound, ListCode, RoundState, User
from registry.permissions import require
from registry.rounds.moving import expect, move, record
from registry.statements import stated
from registry.terms import batch_name


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
    record(session, actor, call, "create", {"name": call.name, "lists": call.lists})
    return call


def revise(session: Session, call: CallRound, actor: User, *, plan: Plan) -> None:
    """Change a round that is still in preparation.

    Raises:
        StaleError: it was announced meanwhile.
    """
    require(actor, "round:manage")
    expect(call, "修改", RoundState.DRAFT)
    call.batch = _batch(session, plan, call)
    for name, value in _values(plan).items():
        setattr(call, name, value)
    record(session, actor, call, "revise", {"name": call.name, "lists": call.lists})


def announce(session: Session, call: CallRound, actor: User) -> None:
    """Publish the call: from now on its dates bind, and its policy is today's for good.

    Raises:
        StaleError: it was announced already.
        RuleError: the notice has no text, or its end is over.
    """
    require(actor, "round:manage")
    expect(call, "发布申报通知", RoundState.DRAFT)
    stated(call.text, "通知正文", "text", why="，发布申报通知前请先写好")
    if call.closes_at <= clock.now():
        raise RuleError("截止时间：已经过去，不能发布申报通知。", parameter="closes_at")
    call.policy = policy.freeze(session)
    call.announced_at = clock.now()
    move(session, actor, call, RoundState.ANNOUNCED, "announce")


def _values(plan: Plan) -> dict[str, Any]:
    title = stated(plan.title, "标题", "title")
    if not plan.lists:
        raise RuleError("名单：至少选择一个。", parameter="lists")
    if plan.closes_at <= plan.opens_at:
        raise RuleError("截止时间：须晚于开始时间。", parameter="closes_at")
    return {
        "year": plan.year,
        "title": title,
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
            f"批次：{batch_name(plan.year, plan.batch)}已经有了，请换一个，或者留空由系统顺次给号。",
            parameter="batch",
        )
    return plan.batch
