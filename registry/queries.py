"""What the registry's pages look up: functions that return a `Select` and touch nothing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from registry import clock
from registry.models import (
    Application,
    ApplicationRevision,
    CalendarOverride,
    CallRound,
    Invitation,
    ListCode,
    PolicyParameter,
    PolicyProposal,
    ProposalState,
    RoundState,
    State,
    TrailDetail,
    TrailLine,
    User,
)


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What to show of the trail; empty fields do not narrow, `until` is included."""

    action: str = ""
    subject_id: str = ""
    since: date | None = None
    until: date | None = None


def users(text: str = "") -> Select[User]:
    """Select the accounts whose name, address or mobile number contains a text, newest last."""
    query = select(User).options(selectinload(User.grants), selectinload(User.organization)).order_by(User.id)
    if text:
        like = f"%{text.replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(
                User.username.ilike(like),
                User.display_name.ilike(like),
                User.email.ilike(like),
                User.mobile.ilike(like),
            )
        )
    return query


def open_invitations() -> Select[Invitation]:
    """Select the invitations that can still be taken, newest first."""
    return (
        select(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.expires_at > clock.now())
        .order_by(Invitation.id.desc())
    )


def proposed_roles(user_id: int) -> Select[Invitation]:
    """Select the invitations by which an account came, with the roles they proposed."""
    return select(Invitation).where(Invitation.user_id == user_id, Invitation.proposed_role.is_not(None))


def trail(filters: TrailFilters) -> Select[TrailLine, TrailDetail, str]:
    """Select trail lines with their details and the actor's user name, newest first."""
    query = (
        select(TrailLine, TrailDetail, User.username)
        .outerjoin(TrailDetail, TrailDetail.seq == TrailLine.seq)
        .outerjoin(User, User.id == TrailLine.actor_id)
        .order_by(TrailLine.seq.desc())
    )
    if filters.action:
        query = query.where(TrailLine.action.startswith(filters.action, autoescape=True))
    if filters.subject_id:
        query = query.where(TrailLine.subject_id == filters.subject_id)
    if filters.since:
        query = query.where(TrailLine.at >= clock.start_of(filters.since))
    if filters.until:
        query = query.where(TrailLine.at < clock.start_of(filters.until + timedelta(days=1)))
    return query


def rounds() -> Select[CallRound]:
    """Select the rounds with their extensions, newest first."""
    return (
        select(CallRound)
        .options(selectinload(CallRound.extensions))
        .order_by(CallRound.year.desc(), CallRound.batch.desc())
    )


def announced_rounds() -> Select[CallRound]:
    """Select the rounds that the public knows of, the latest notice first."""
    return (
        rounds()
        .where(CallRound.state != RoundState.DRAFT)
        .order_by(None)
        .order_by(CallRound.announced_at.desc(), CallRound.id.desc())
    )


def application_counts(round_id: int) -> Select[ListCode, State, int]:
    """Select how many applications of a round stand in each state, by list."""
    return (
        select(Application.list_code, Application.state, func.count())
        .where(Application.round_id == round_id)
        .group_by(Application.list_code, Application.state)
    )


def applications_of(organization_id: int | None) -> Select[Application]:
    """Select a unit's applications with their rounds, the newest first."""
    return (
        select(Application)
        .where(Application.organization_id == organization_id)
        .options(selectinload(Application.round))
        .order_by(Application.id.desc())
    )


def revisions(application_id: int) -> Select[int, datetime, str, str]:
    """Select number, instant, submitter's name and hash of an application's revisions, the latest first."""
    return (
        select(
            ApplicationRevision.number,
            ApplicationRevision.submitted_at,
            User.display_name,
            ApplicationRevision.hash,
        )
        .join(User, User.id == ApplicationRevision.submitted_by_id)
        .where(ApplicationRevision.application_id == application_id)
        .order_by(ApplicationRevision.number.desc())
    )


def coming_parameters() -> Select[PolicyParameter]:
    """Select the values that come into force on a later day, the soonest first."""
    return (
        select(PolicyParameter)
        .where(PolicyParameter.effective_from > clock.today())
        .order_by(PolicyParameter.effective_from, PolicyParameter.key)
    )


def decided_proposals(key: str) -> Select[PolicyProposal, str, str]:
    """Select the decided proposals for a key with who proposed and who decided, the latest first."""
    proposer, decider = aliased(User), aliased(User)
    return (
        select(PolicyProposal, proposer.display_name, decider.display_name)
        .join(proposer, proposer.id == PolicyProposal.proposed_by_id)
        .join(decider, decider.id == PolicyProposal.decided_by_id)
        .where(PolicyProposal.key == key, PolicyProposal.state != ProposalState.PROPOSED)
        .order_by(PolicyProposal.id.desc())
    )


def calendar_overrides() -> Select[CalendarOverride]:
    """Select the days that were declared by hand, the latest day first."""
    return select(CalendarOverride).order_by(CalendarOverride.day.desc())
