"""What the review's pages look up: functions that return a `Select` and touch nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from registry.models import Application, CallRound, Organization, State, User
from review.models import (
    Assignment,
    AssignmentState,
    Expert,
    ExpertKind,
    Panel,
    PanelItem,
    PanelState,
    ReviewResult,
)

REVIEW_STATES = (
    State.PANEL_READY,
    State.UNDER_REVIEW,
    State.SCORED,
    State.NOT_SELECTED,
    State.COMMITTEE_PENDING,
)
"""Products that the review's page lists with their score."""


@dataclass(frozen=True, slots=True)
class ExpertFilters:
    """Whom to show of the pool; empty fields do not narrow."""

    text: str = ""
    kind: ExpertKind | None = None


def experts(filters: ExpertFilters) -> Select[Expert]:
    """Select experts with their accounts, by id."""
    query = select(Expert).join(Expert.user).options(joinedload(Expert.user)).order_by(Expert.id)
    if filters.text:
        like = f"%{filters.text.replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(User.display_name.ilike(like), User.username.ilike(like), Expert.institution.ilike(like))
        )
    if filters.kind:
        query = query.where(Expert.kind == filters.kind)
    return query


def expert(expert_id: int) -> Select[Expert]:
    """Select one expert with account and ties."""
    return (
        select(Expert)
        .where(Expert.id == expert_id)
        .options(joinedload(Expert.user), selectinload(Expert.affiliations))
    )


def assignments(user_id: int) -> Select[Assignment]:
    """Select an expert's own tasks that were told, what falls due first at the head."""
    return (
        select(Assignment)
        .join(Assignment.expert)
        .join(Assignment.application)
        .where(
            Expert.user_id == user_id,
            Assignment.state != AssignmentState.DRAWN,
            Application.state != State.WITHDRAWN,
        )
        .options(
            joinedload(Assignment.application).options(
                joinedload(Application.organization), selectinload(Application.round)
            ),
            joinedload(Assignment.expert),
        )
        .order_by(Assignment.due_on, Assignment.id)
    )


def _unplaced() -> ColumnElement[bool]:
    """Return the condition that an application is accepted and stands before no panel."""
    placed = select(PanelItem.panel_id).where(
        PanelItem.application_id == Application.id, PanelItem.ended_at.is_(None)
    )
    return and_(Application.state == State.ACCEPTED, ~placed.exists())


def waiting_for_panel(round_id: int) -> Select[Application]:
    """Select a round's accepted products that stand before no panel, by field and acceptance."""
    return (
        select(Application)
        .where(Application.round_id == round_id, _unplaced())
        .options(joinedload(Application.organization))
        .order_by(Application.field, Application.accepted_on, Application.id)
    )


def rounds_in_review() -> Select[CallRound]:
    """Select the rounds that have accepted products or panels, newest first."""
    return (
        select(CallRound)
        .where(
            or_(
                select(Panel.id).where(Panel.round_id == CallRound.id).exists(),
                select(Application.id)
                .where(Application.round_id == CallRound.id, Application.state == State.ACCEPTED)
                .exists(),
            )
        )
        .order_by(CallRound.year.desc(), CallRound.batch.desc())
    )


def panels(round_id: int) -> Select[Panel, int]:
    """Select a round's panels with the number of their products, newest first."""
    count = (
        select(func.count())
        .select_from(PanelItem)
        .where(PanelItem.panel_id == Panel.id)
        .correlate(Panel)
        .scalar_subquery()
    )
    return select(Panel, count).where(Panel.round_id == round_id).order_by(Panel.id.desc())


def products(round_id: int) -> Select[Application, str]:
    """Select a round's products under review or scored with their unit's name."""
    return (
        select(Application, Organization.name)
        .join(Organization, Organization.id == Application.organization_id)
        .where(Application.round_id == round_id, Application.state.in_(REVIEW_STATES))
    )


def final_results(round_id: int) -> Select[ReviewResult]:
    """Select the results of a round's products that are final, the one that counts last."""
    return (
        select(ReviewResult)
        .join(Application, Application.id == ReviewResult.application_id)
        .where(Application.round_id == round_id, ReviewResult.is_final)
        .order_by(ReviewResult.id)
    )


def own_tasks(
    user_id: int, states: Collection[AssignmentState], of: Collection[State]
) -> Select[int, date | None]:
    """Select how many of an expert's tasks stand in the states, of products in the states `of`, and their first day."""
    return (
        select(func.count(), func.min(Assignment.due_on))
        .join(Assignment.expert)
        .join(Assignment.application)
        .where(Expert.user_id == user_id, Assignment.state.in_(states), Application.state.in_(of))
    )


# --- what waits for the lead: the rounds, one row for each thing that waits ----------------------------------------


def unplaced() -> Select[int]:
    """Select the rounds of accepted products that stand before no panel."""
    return select(Application.round_id).where(_unplaced())


def panels_to_begin() -> Select[int]:
    """Select the rounds of formed panels that have every declaration, so that their review can begin."""
    silent = select(Assignment.id).where(
        Assignment.panel_id == Panel.id, Assignment.state == AssignmentState.NOTIFIED
    )
    return select(Panel.round_id).where(Panel.state == PanelState.FORMED, ~silent.exists())


def to_aggregate(today: date) -> Select[int]:
    """Select the rounds of products under review that wait for no sheet: all are locked, or their day is over."""
    pending = select(Assignment.id).where(
        Assignment.application_id == Application.id,
        Assignment.state.in_((AssignmentState.DECLARED, AssignmentState.SCORING)),
        Assignment.due_on >= today,
    )
    return select(Application.round_id).where(
        Application.state == State.UNDER_REVIEW, Application.open_conflicts == 0, ~pending.exists()
    )


def open_panels(*states: PanelState) -> Select[int]:
    """Select the rounds of panels that stand in the states."""
    return select(Panel.round_id).where(Panel.state.in_(states))


def scored() -> Select[int]:
    """Select the rounds of products with a score that nobody decided upon."""
    return select(Application.round_id).where(Application.state == State.SCORED)


def recusals(*states: State) -> Select[int]:
    """Select the rounds of products in the states with a recusal that is not settled."""
    return select(Application.round_id).where(Application.open_conflicts > 0, Application.state.in_(states))
