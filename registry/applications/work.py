"""What waits for the applicant: drafts to fill in and to submit, each with the day its round closes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry import clock, hooks
from registry.hooks import WorkItem
from registry.models import Application, CallRound, RoundState, State
from registry.permissions import may


def waiting(session: Session, user: Any) -> Iterator[WorkItem]:
    """Yield the unit's drafts in open rounds; complete ones wait for the signatory."""
    if user.organization_id is None or not may(user, "application:edit"):
        return
    rows = session.execute(
        select(Application.is_complete, func.count(), func.min(CallRound.closes_at))
        .join(CallRound, CallRound.id == Application.round_id)
        .where(
            Application.organization_id == user.organization_id,
            Application.state == State.DRAFT,
            CallRound.state == RoundState.OPEN,
            CallRound.closes_at > clock.now(),
        )
        .group_by(Application.is_complete)
        .order_by(Application.is_complete)
    )
    for is_complete, count, closes_at in rows:
        if not is_complete:
            yield WorkItem("填写申报书", "/apply/", count, clock.day_of(closes_at))
        elif may(user, "application:submit"):
            yield WorkItem("签署承诺并提交申报书", "/apply/", count, clock.day_of(closes_at))


hooks.work_items.append(waiting)
