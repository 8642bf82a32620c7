"""Looking at a round: its frozen policy, whether it takes in applications, and holding it for a change."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import clock, policy
from registry.errors import NotFoundError, RuleError, StaleError
from registry.models import CallRound, RoundState
from registry.rounds.moving import when
from registry.terms import label


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
            f"{when(call.opens_at)}至{when(call.closes_at)}）。",
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
