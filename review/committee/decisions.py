"""What the chair decides by the tally, and the minutes, written by the secretariat and sealed by the chair."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, trail, workflow
from registry.canonical import digest
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import Action, Application, Capacity, Decision, State, User
from registry.participation import take_part
from registry.permissions import require
from registry.statements import stated
from registry.terms import label
from review.committee.models import (
    AgendaItem,
    RejectedReason,
    Sitting,
    SittingState,
    TallyOutcome,
)

REASON_MAX = 1_000
MINUTES_MAX = 20_000
CHOICES: Mapping[TallyOutcome, tuple[Decision, ...]] = {
    TallyOutcome.CARRIED: (Decision.APPROVED,),
    TallyOutcome.NOT_CARRIED: (Decision.REJECTED, Decision.DEFERRED),
    TallyOutcome.VETOED: (Decision.REJECTED, Decision.DEFERRED),
    TallyOutcome.PUT_OFF: (Decision.DEFERRED,),
    TallyOutcome.NO_QUORUM: (),
}
"""What the chair may decide, by what the ballots came to: the tally binds."""
ACTIONS = {
    Decision.APPROVED: Action.APPROVE,
    Decision.REJECTED: Action.REJECT,
    Decision.DEFERRED: Action.DEFER,
}
CODES = {
    TallyOutcome.NOT_CARRIED: RejectedReason.NOT_CARRIED,
    TallyOutcome.VETOED: RejectedReason.VETOED,
}


def decide(
    session: Session, sitting: Sitting, actor: User, *, item_id: int, decision: Decision, reason: str = ""
) -> None:
    """Decide on a product as its ballots allow; a reason is told to the applicant and names no department.

    Raises:
        NotFoundError: the product is not on this agenda.
        StaleError: the voting is not closed, or the product is decided already.
        RuleError: the ballots do not allow this decision, or the reason is missing.
        NotAllowedError: the person acted on the product in another capacity.
    """
    require(actor, "committee:decide")
    item = next((one for one in sitting.items if one.id == item_id), None)
    if item is None:
        raise NotFoundError("议程中没有这个产品。", parameter="item")
    if sitting.state is not SittingState.CLOSED or item.ended_at is not None or item.outcome is None:
        raise StaleError(
            f"“{item.application.product_name}”现在不能作出决定，请刷新页面查看最新状态。",
            parameter="decision",
        )
    _check(sitting, item, decision, reason)
    application = session.scalars(
        select(Application)
        .where(Application.id == item.application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    workflow.transition(application, ACTIONS[decision])
    take_part(session, application, actor, Capacity.COMMITTEE_MEMBER)
    application.decision, application.decided_on = decision, clock.today()
    if decision is Decision.REJECTED:
        application.reason_code = CODES[item.outcome]
    workflow.advance(session, application, actor, ACTIONS[decision], reason=_told(item, decision, reason))
    application.is_on_agenda = False
    item.decision, item.reason = decision, reason.strip() or None
    item.decided_by_id, item.decided_at, item.ended_at = actor.id, clock.now(), clock.now()


def _check(sitting: Sitting, item: AgendaItem, decision: Decision, reason: str) -> None:
    outcome = item.outcome or TallyOutcome.NO_QUORUM
    if decision not in CHOICES[outcome]:
        raise RuleError(
            f"决定：表决结果为“{label(outcome)}”，不能决定“{label(decision)}”。", parameter="decision"
        )
    if decision is not Decision.APPROVED and not reason.strip():
        raise RuleError("理由：必填，将告知申报单位。", parameter="reason")
    if len(reason) > REASON_MAX:
        raise RuleError(f"理由：不超过 {REASON_MAX} 个字。", parameter="reason")
    if named := [unit.unit for unit in sitting.units if unit.unit in reason]:
        raise RuleError(
            f"理由：将告知申报单位，不写委员单位的名称（{'、'.join(named)}）。", parameter="reason"
        )


def _told(item: AgendaItem, decision: Decision, reason: str) -> str | None:
    if decision is Decision.REJECTED:
        return f"{label(CODES[item.outcome or TallyOutcome.NO_QUORUM])}。{reason.strip()}"
    return reason.strip() or None


# --- minutes ------------------------------------------------------------------------------------------------------


def is_settled(sitting: Sitting) -> bool:
    """Return whether every product was decided, left the agenda or was withdrawn meanwhile."""
    return sitting.state is SittingState.CLOSED and not any(awaits_decision(item) for item in sitting.items)


def awaits_decision(item: AgendaItem) -> bool:
    """Return whether a tallied product waits for the chair."""
    return (
        item.ended_at is None
        and item.outcome is not None
        and item.application.state is State.COMMITTEE_PENDING
    )


def draft_minutes(sitting: Sitting) -> str:
    """Return what happened as sentences, for the secretariat to complete."""
    there = [unit.unit for unit in sitting.units if unit.is_present or unit.answered_at]
    silent = [unit.unit for unit in sitting.units if unit.unit not in there]
    lines = [
        f"{sitting.name}，议题 {len(sitting.items)} 项。",
        f"到会或者反馈的单位：{'、'.join(there) or '无'}。",
        *([f"未到会或者未反馈的单位：{'、'.join(silent)}。"] if silent else []),
    ]
    for item in sitting.items:
        result = f"表决结果为“{label(item.outcome)}”" if item.outcome else "未表决"
        decided = f"，决定“{label(item.decision)}”" if item.decision else "，未作决定"
        lines.append(f"{item.position}．{item.application.product_name}：{result}{decided}。")
    return "\n".join(lines)


def write_minutes(session: Session, sitting: Sitting, actor: User, *, text: str) -> None:
    """Write the minutes, or write them anew, until they are sealed.

    Raises:
        StaleError: a product waits for its decision, or the minutes are sealed.
        RuleError: no text, or a very long one.
    """
    require(actor, "committee:manage")
    _expect_settled(sitting)
    text = stated(text, "纪要", "minutes", most=MINUTES_MAX)
    sitting.minutes, sitting.minutes_by_id = text, actor.id
    trail.record(session, actor, "sitting.write_minutes", subject="sitting", subject_id=sitting.id)


def seal(session: Session, sitting: Sitting, actor: User) -> None:
    """Seal the minutes with everything that was voted and decided under one hash; nothing changes afterwards.

    Raises:
        StaleError: sealed already, or a product waits for its decision.
        RuleError: there are no minutes.
        NotAllowedError: the actor wrote them.
    """
    require(actor, "committee:decide")
    _expect_settled(sitting)
    if not sitting.minutes:
        raise RuleError("纪要还没有写，不能封存。", parameter="minutes")
    if sitting.minutes_by_id == actor.id:
        raise NotAllowedError("写纪要的人不得封存纪要。", parameter="minutes")
    sitting.state, sitting.sealed_hash = SittingState.SEALED, digest(content(sitting))
    sitting.sealed_by_id, sitting.sealed_at = actor.id, clock.now()
    trail.record(
        session, actor, "sitting.seal", subject="sitting", subject_id=sitting.id,
        detail={"hash": sitting.sealed_hash},
    )  # fmt: skip


def content(sitting: Sitting) -> dict[str, Any]:
    """Return what the seal covers."""
    names = {unit.id: unit.unit for unit in sitting.units}
    return {
        "sitting": {"round": sitting.round_id, "number": sitting.number, "kind": sitting.kind.value},
        "minutes": sitting.minutes,
        "units": [
            {"unit": unit.unit, "lead": unit.is_lead, "remit": unit.remit, "present": unit.is_present,
             "paper": unit.is_on_paper, "reply": unit.attachment.sha256 if unit.attachment else None}
            for unit in sitting.units
        ],
        "items": [
            {
                "application": item.application_id,
                "outcome": item.outcome.value if item.outcome else None,
                "tally": item.tally,
                "decision": item.decision.value if item.decision else None,
                "reason": item.reason,
                "ballots": [
                    {"unit": names[ballot.unit_id], "vote": ballot.vote.value, "veto": ballot.is_veto,
                     "reason": ballot.reason}
                    for ballot in item.ballots
                ],
            }
            for item in sitting.items
        ],
    }  # fmt: skip


def _expect_settled(sitting: Sitting) -> None:
    if sitting.state is SittingState.SEALED:
        raise StaleError("纪要已经封存，不能再办理。", parameter="minutes")
    if not is_settled(sitting):
        raise StaleError("还有产品没有作出决定，不能办理纪要。", parameter="minutes")
