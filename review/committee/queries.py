"""What the committee's pages look up: functions that return a `Select` and touch nothing."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from registry.models import Application, ApplicationRevision, CallRound, State
from review.committee.models import AgendaItem, Ballot, Sitting, SittingState, SittingUnit
from review.models import ReviewResult

PLACEABLE = (State.COMMITTEE_PENDING, State.DEFERRED)
"""States in which a product may be put on an agenda."""
SHOWN_TO_MEMBERS = (SittingState.CALLED, SittingState.VOTING, SittingState.CLOSED, SittingState.SEALED)


def sittings() -> Select[Sitting, int, int, int]:
    """Select the sittings, newest first, with how many products, units and answers each has."""
    items = select(func.count()).where(AgendaItem.sitting_id == Sitting.id).scalar_subquery()
    units = select(func.count()).where(SittingUnit.sitting_id == Sitting.id).scalar_subquery()
    answered = (
        select(func.count())
        .where(SittingUnit.sitting_id == Sitting.id, SittingUnit.answered_at.is_not(None))
        .scalar_subquery()
    )
    return (
        select(Sitting, items, units, answered).order_by(Sitting.id.desc()).options(joinedload(Sitting.round))
    )


def sittings_of(unit: str) -> Select[Sitting, SittingUnit, int]:
    """Select the sittings in which a department sits, newest first, with its part and the number of products."""
    items = select(func.count()).where(AgendaItem.sitting_id == Sitting.id).scalar_subquery()
    return (
        select(Sitting, SittingUnit, items)
        .join(SittingUnit, SittingUnit.sitting_id == Sitting.id)
        .where(SittingUnit.unit == unit, Sitting.state.in_(SHOWN_TO_MEMBERS))
        .order_by(Sitting.id.desc())
        .options(joinedload(Sitting.round))
    )


def whole(sitting_id: int) -> Select[Sitting]:
    """Select a sitting with its round, units, products and ballots."""
    return (
        select(Sitting)
        .where(Sitting.id == sitting_id)
        .options(
            joinedload(Sitting.round),
            selectinload(Sitting.units).joinedload(SittingUnit.attachment),
            selectinload(Sitting.items).options(
                joinedload(AgendaItem.application).joinedload(Application.organization),
                selectinload(AgendaItem.ballots),
            ),
        )
    )


def frozen_answers(sitting_id: int) -> Select[int, dict[str, Any]]:
    """Select the answers that were accepted of each product on an agenda, by agenda item."""
    return (
        select(AgendaItem.id, ApplicationRevision.answers)
        .join(Application, Application.id == AgendaItem.application_id)
        .join(
            ApplicationRevision,
            (ApplicationRevision.application_id == Application.id)
            & (ApplicationRevision.number == Application.frozen_revision),
        )
        .where(AgendaItem.sitting_id == sitting_id)
    )


def motion(application_id: int) -> Select[str | None]:
    """Select the written motion that brought a product below the line before the committee."""
    return (
        select(ReviewResult.motion)
        .where(ReviewResult.application_id == application_id, ReviewResult.motion.is_not(None))
        .order_by(ReviewResult.number.desc())
    )


def ballots_of(unit_id: int) -> Select[Ballot]:
    """Select what a department of a sitting has cast."""
    return select(Ballot).where(Ballot.unit_id == unit_id)


def placeable(round_id: int | None = None) -> Select[Application]:
    """Select the products that wait for an agenda, by round, list and score; of one round when told."""
    query = (
        select(Application)
        .where(Application.state.in_(PLACEABLE), Application.is_on_agenda.is_(False))
        .order_by(
            Application.round_id, Application.list_code, Application.official_score.desc(), Application.id
        )
        .options(joinedload(Application.organization), joinedload(Application.round))
    )
    return query if round_id is None else query.where(Application.round_id == round_id)


def waiting_rounds() -> Select[CallRound, int]:
    """Select the rounds of which products wait for an agenda, with how many."""
    return (
        select(CallRound, func.count(Application.id))
        .join(Application, Application.round_id == CallRound.id)
        .where(Application.state.in_(PLACEABLE), Application.is_on_agenda.is_(False))
        .group_by(CallRound.id)
        .order_by(CallRound.id)
    )
