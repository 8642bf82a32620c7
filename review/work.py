"""The review's part in what every package has a part in: work lists, who may open a file, what a policy must fulfil."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import attachments, clock, hooks, policy_checks
from registry.models import Attachment, State, User
from registry.permissions import Actor, may
from review import draw, queries, scoring, seats
from review.models import Assignment, AssignmentState, Expert, PanelState
from review.permissions import SCORING_STATES


def waiting(session: Session, user: User) -> Iterator[hooks.WorkItem]:
    """Yield what waits for an account."""
    if may(user, "assignment:list"):
        yield from _for_expert(session, user)
    if may(user, "panel:manage"):
        yield from _for_lead(session)


def _for_expert(session: Session, user: User) -> Iterator[hooks.WorkItem]:
    for text, states, of in (
        ("待作出回避声明的产品", (AssignmentState.NOTIFIED,), (State.PANEL_READY, *SCORING_STATES)),
        ("待评分的产品", (AssignmentState.DECLARED, AssignmentState.SCORING), SCORING_STATES),
    ):
        count, due_on = session.execute(queries.own_tasks(user.id, states, of)).one()
        if count:
            yield hooks.WorkItem(text, "/review/", count, due_on)


def _for_lead(session: Session) -> Iterator[hooks.WorkItem]:
    for text, rounds in for_lead(session).items():
        if rounds:
            yield hooks.WorkItem(text, f"/office/review/?round={max(rounds)}", rounds.total())


def for_lead(session: Session) -> dict[str, Counter[int]]:
    """Return what waits for the lead, and how much of it in which round."""
    states = (State.UNDER_REVIEW, State.SCORED, *seats.RECALLABLE)
    waiting = {
        "已受理、待组成专家组的产品": queries.unplaced(),
        "待抽取或者待组成的专家组": queries.open_panels(PanelState.PREPARED, PanelState.DRAWN),
        "声明已齐、待开始评审的专家组": queries.panels_to_begin(),
        "评分已齐或者已到期、待汇总得分的产品": queries.to_aggregate(clock.today()),
        "专家回避待处理的产品": queries.recusals(*states),
        "已汇总得分、待提交审议或者告知的产品": queries.scored(),
    }
    return {text: Counter(session.scalars(rounds)) for text, rounds in waiting.items()}


def may_open(session: Session, actor: Actor, attachment: Attachment) -> bool:
    """Return whether an expert may open a file: it belongs to a product for which no conflict was declared."""
    return attachment.application_id is not None and bool(
        session.scalar(
            select(Assignment.id)
            .join(Assignment.expert)
            .where(
                Assignment.application_id == attachment.application_id,
                Expert.user_id == actor.id,
                Assignment.state.in_(
                    (AssignmentState.DECLARED, AssignmentState.SCORING, AssignmentState.LOCKED)
                ),
            )
        )
    )


READERS: dict[str, Callable[[Any], object]] = {
    "review.panel": draw.rule_of,
    "review.scale": scoring.scale_of,
    "review.aggregation": scoring.aggregation_of,
}
"""What must be able to read a parameter of the review before a change of it is proposed."""


def check_policy(_session: Session, key: str, value: Any) -> None:
    """Refuse a value that the review could not work with."""
    try:
        READERS.get(key, lambda _value: None)(value)
    except (ArithmeticError, KeyError, TypeError):
        raise ValueError('数值须写成数字，小数写在引号里，例如 "0.5"。') from None


def check_rubric(_session: Session, _key: str, value: Any) -> None:
    """Refuse a rubric whose weights do not make 100."""
    scoring.rubric_of(value)


hooks.work_items.append(waiting)
attachments.readers.append(may_open)
policy_checks.CHECKS["review."] = check_policy
policy_checks.CHECKS["rubric."] = check_rubric
