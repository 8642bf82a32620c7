"""What the registry's pages look up: functions that return a `Select` and touch nothing."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from registry import clock
from registry.models import Invitation, TrailDetail, TrailLine, User


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What to show of the trail; empty fields do not narrow, `until` is included."""

    action: str = ""
    subject_id: str = ""
    since: date | None = None
    until: date | None = None


def users(text: str = "") -> Select[User]:
    """Select the accounts whose name or address contains a text, newest last."""
    query = select(User).options(selectinload(User.grants), selectinload(User.organization)).order_by(User.id)
    if text:
        like = f"%{text.replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(User.username.ilike(like), User.display_name.ilike(like), User.email.ilike(like))
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
