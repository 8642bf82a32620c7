"""What every move of a round does: ask for its state, write it, leave a line in the trail."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry import clock, trail
from registry.errors import StaleError
from registry.models import CallRound, RoundState, User
from registry.terms import label


def expect(call: CallRound, act: str, *states: RoundState) -> None:
    """Refuse an act for which the round stands elsewhere: somebody was faster, or the page is old."""
    if call.state not in states:
        raise StaleError(
            f"{call.name}现处于“{label(call.state)}”，不能{act}；请刷新页面查看最新状态。", parameter="state"
        )


def move(session: Session, actor: User | None, call: CallRound, target: RoundState, act: str) -> None:
    """Write the round's new state and the trail's line."""
    source, call.state = call.state, target
    session.flush()  # the constraints and the version refuse here, not at the commit
    record(session, actor, call, act, {"from": source, "to": target})


def record(session: Session, actor: User | None, call: CallRound, act: str, detail: dict[str, Any]) -> None:
    """Leave a line in the trail; `actor` is None for the clock."""
    trail.record(session, actor, f"round.{act}", subject="round", subject_id=call.id, detail=detail)


def when(at: datetime) -> str:
    """Write an instant in Beijing time to the minute."""
    local = at.astimezone(clock.BEIJING)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
