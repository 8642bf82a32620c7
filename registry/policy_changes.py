"""Changes of policy: one person proposes, another confirms, and from its day on the new value stands beside the old.

A change is a new row; rows in force are only ended, never rewritten. Rounds that are announced keep what they froze.
The same way leads to the working-day calendar: its key is `calendar`, its value the days to declare.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, counters, hooks, trail
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import CalendarOverride, CallRound, PolicyParameter, PolicyProposal, ProposalState, User
from registry.permissions import require
from registry.policy_checks import CALENDAR, check
from registry.statements import stated


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two values differ: names of parts, numbers of rows from 1; None stands for what is not there."""

    place: tuple[str | int, ...]
    old: Any
    new: Any


WAITING = PolicyProposal.state == ProposalState.PROPOSED
"""The condition that a proposal waits for confirmation."""

# --- looking ------------------------------------------------------------------------------------------------------


def history(session: Session, key: str) -> Sequence[PolicyParameter]:
    """Return every row of a parameter, newest first.

    Raises:
        NotFoundError: there is no such parameter.
    """
    rows = session.scalars(
        select(PolicyParameter)
        .where(PolicyParameter.key == key)
        .order_by(PolicyParameter.effective_from.desc())
    ).all()
    if not rows:
        raise NotFoundError("没有这个参数。", parameter="key")
    return rows


def proposals(session: Session, key: str | None = None) -> Sequence[PolicyProposal]:
    """Return the proposals that wait for confirmation, oldest first; of one key, or all."""
    query = select(PolicyProposal).where(WAITING)
    if key is not None:
        query = query.where(PolicyProposal.key == key)
    return session.scalars(query.order_by(PolicyProposal.id)).all()


def proposal(session: Session, proposal_id: int) -> PolicyProposal:
    """Return a proposal, locked for deciding it.

    Raises:
        NotFoundError: there is no such proposal.
    """
    found = session.get(PolicyProposal, proposal_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFoundError("没有这项变更提议。", parameter="proposal")
    return found


def differences(old: Any, new: Any, place: tuple[str | int, ...] = ()) -> Iterator[Difference]:
    """Yield where two values differ, place by place, in the order of the new one; rows of a list by their number."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*new, *old)):
            yield from differences(old.get(key), new.get(key), (*place, key))
    elif isinstance(old, list) and isinstance(new, list):
        for number, (before, after) in enumerate(zip_longest(old, new), 1):
            yield from differences(before, after, (*place, number))
    elif old != new:
        yield Difference(place, old, new)


# --- proposing and deciding ---------------------------------------------------------------------------------------


def propose(
    session: Session,
    actor: User,
    *,
    key: str,
    value: Any,
    effective_from: date,
    basis_document: str,
    source_note: str,
    is_assumed: bool,
) -> PolicyProposal:
    """Propose a new value of a parameter from a day on, or days of the calendar; nothing changes yet.

    Raises:
        RuleError: the value breaks a rule, changes nothing, or another proposal for the key waits.
    """
    require(actor, "policy:propose")
    basis_document = stated(basis_document, "依据文件", "basis_document", why="；还没有依据的，写“待定”")
    check(session, key, value, effective_from=effective_from)
    counters.raise_to(session, f"policy.{key}", 0)  # its row is the lock: two proposals wait for each other
    if proposals(session, key):
        raise RuleError("此项已有一份待确认的变更提议，请先办结。", parameter="value")
    proposed = PolicyProposal(
        key=key,
        value=value,
        effective_from=effective_from,
        basis_document=basis_document,
        source_note=source_note.strip(),
        is_assumed=is_assumed,
        state=ProposalState.PROPOSED,
        proposed_by_id=actor.id,
        proposed_at=clock.now(),
    )
    session.add(proposed)
    session.flush()  # the trail names the proposal by its id
    _record(session, actor, proposed, "propose", {"value": value, "from": effective_from.isoformat()})
    return proposed


def confirm(session: Session, proposed: PolicyProposal, actor: User) -> None:
    """Put a proposed change into force from its day on.

    Raises:
        StaleError: it is decided already.
        NotAllowedError: the actor proposed it, or may not confirm.
        RuleError: its day is over, or the value does not fit any more.
    """
    _decidable(proposed, actor)
    check(session, proposed.key, proposed.value, effective_from=proposed.effective_from)
    if proposed.key == CALENDAR:
        _declare_days(session, proposed, actor)
    else:
        _put_into_force(session, proposed, actor)
    _decide(session, proposed, actor, ProposalState.CONFIRMED, None)


def decline(session: Session, proposed: PolicyProposal, actor: User, *, reason: str) -> None:
    """Send a proposed change back with a reason.

    Raises:
        StaleError: it is decided already.
        RuleError: there is no reason.
    """
    _decidable(proposed, actor)
    reason = stated(reason, "退回理由", "reason")
    _decide(session, proposed, actor, ProposalState.DECLINED, reason)


def _decidable(proposed: PolicyProposal, actor: User) -> None:
    require(actor, "policy:confirm")
    if proposed.state is not ProposalState.PROPOSED:
        raise StaleError("这项变更提议已经办结，请刷新页面查看。", parameter="proposal")
    if proposed.proposed_by_id == actor.id:
        raise NotAllowedError("提出人不得确认或者退回自己提出的变更。", parameter="proposal")


def _decide(
    session: Session, proposed: PolicyProposal, actor: User, state: ProposalState, reason: str | None
) -> None:
    proposed.state, proposed.reason = state, reason
    proposed.decided_by_id, proposed.decided_at = actor.id, clock.now()
    session.flush()  # the version refuses a second click here
    act = "confirm" if state is ProposalState.CONFIRMED else "decline"
    _record(session, actor, proposed, act, {"value": proposed.value, "reason": reason})


def _record(
    session: Session, actor: User, proposed: PolicyProposal, act: str, detail: Mapping[str, Any]
) -> None:
    trail.record(
        session, actor, f"policy.{act}", subject="policy", subject_id=proposed.key, version=proposed.id, detail=detail
    )  # fmt: skip


def _put_into_force(session: Session, proposed: PolicyProposal, actor: User) -> None:
    rows = history(session, proposed.key)
    before = next((row for row in rows if row.effective_from < proposed.effective_from), None)
    after = next((row for row in reversed(rows) if row.effective_from > proposed.effective_from), None)
    if before is not None:
        before.effective_to = proposed.effective_from
    session.add(
        PolicyParameter(
            key=proposed.key,
            value=proposed.value,
            effective_from=proposed.effective_from,
            effective_to=after.effective_from if after else None,
            basis_document=proposed.basis_document,
            source_note=proposed.source_note,
            is_assumed=proposed.is_assumed,
            set_by_id=actor.id,
            set_at=clock.now(),
        )
    )


def _declare_days(session: Session, proposed: PolicyProposal, actor: User) -> None:
    for row in proposed.value:
        session.merge(
            CalendarOverride(
                day=date.fromisoformat(row["day"]),
                is_working=row["is_working"],
                note=row["note"],
                basis_document=proposed.basis_document,
                set_by_id=actor.id,
                set_at=clock.now(),
            )
        )


def _broken(context: hooks.Context) -> list[str]:
    """Find gaps and overlaps between the versions of a parameter, and rounds whose policy is not what its rows say."""
    with context.database.reading() as session:
        rows = session.scalars(
            select(PolicyParameter).order_by(PolicyParameter.key, PolicyParameter.effective_from)
        ).all()
        rounds = session.scalars(select(CallRound).where(CallRound.policy.is_not(None))).all()
    broken = [
        f"policy {row.key}: the version from {row.effective_from} ends on {row.effective_to}"
        for row, after in zip_longest(rows, rows[1:])
        if row.effective_to != (after.effective_from if after and after.key == row.key else None)
    ]
    values = {row.id: (row.key, row.value) for row in rows}
    broken += [
        f"round {call.id}: its frozen {key} is not version {frozen['id']}"
        for call in rounds
        for key, frozen in (call.policy or {}).items()
        if values.get(frozen["id"]) != (key, frozen["value"])
    ]
    return broken


hooks.checks.append(_broken)
