"""What the pages of publication look up: functions that return a `Select` and touch nothing."""

from datetime import date

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from catalog.publication.models import (
    NoticeItem,
    NoticeState,
    Objection,
    Publication,
    PublicationItem,
    PublicationState,
    PublicNotice,
    SupportDecision,
)
from catalog.queries import Scopes
from registry.models import Application, CallRound, CatalogEntry, Listing, State


def is_seen(scopes: Scopes) -> ColumnElement[bool]:
    """Return the condition that a product of a notice is for the asker: by its entry's scope once it has one."""
    unlisted = Application.entry_id.is_(None) & NoticeItem.scope.in_(scopes)
    return NoticeItem.application.has(unlisted | Application.entry.has(CatalogEntry.scope.in_(scopes)))


def opened_notices(scopes: Scopes) -> Select[PublicNotice]:
    """Select the opened notices with a product that the asker may see, the latest first."""
    return (
        select(PublicNotice)
        .where(PublicNotice.state != NoticeState.DRAFT, PublicNotice.items.any(is_seen(scopes)))
        .order_by(PublicNotice.opened_at.desc(), PublicNotice.id.desc())
    )


def published(scopes: Scopes) -> Select[Publication]:
    """Select the publications with a product that the asker may see, the latest first."""
    seen = PublicationItem.listing.has(Listing.entry.has(CatalogEntry.scope.in_(scopes)))
    return (
        select(Publication)
        .where(Publication.state == PublicationState.PUBLISHED, Publication.items.any(seen))
        .order_by(Publication.published_on.desc(), Publication.id.desc())
    )


def notices() -> Select[PublicNotice, int]:
    """Select every notice with its round and the number of its products, the latest first."""
    counts = _count(NoticeItem.notice_id).subquery()
    return (
        select(PublicNotice, func.coalesce(counts.c.products, 0))
        .outerjoin(counts, counts.c.notice_id == PublicNotice.id)
        .options(joinedload(PublicNotice.round))
        .order_by(PublicNotice.id.desc())
    )


def publications() -> Select[Publication, int]:
    """Select every publication with its round and the number of its products, the latest first."""
    counts = _count(PublicationItem.publication_id).subquery()
    return (
        select(Publication, func.coalesce(counts.c.products, 0))
        .outerjoin(counts, counts.c.publication_id == Publication.id)
        .options(joinedload(Publication.round))
        .order_by(Publication.id.desc())
    )


def _count(column: object) -> Select[int, int]:
    return select(column, func.count().label("products")).group_by(column)  # type: ignore[call-overload, no-any-return]


def is_to_notice() -> ColumnElement[bool]:
    """Return the condition that an application is approved and stands in no draft of a notice."""
    drafted = (
        select(NoticeItem.id)
        .join(NoticeItem.notice)
        .where(NoticeItem.application_id == Application.id, PublicNotice.state == NoticeState.DRAFT)
    )
    return (Application.state == State.APPROVED) & ~drafted.exists()


def is_to_publish(today: date) -> ColumnElement[bool]:
    """Return the condition that an application's notice is over, nothing is open and no publication holds it."""
    held = select(PublicationItem.id).where(PublicationItem.application_id == Application.id)
    return (
        (Application.state == State.IN_NOTICE)
        & (Application.notice_closes_on < today)
        & (Application.open_objections == 0)
        & ~held.exists()
    )


def rounds_with(condition: ColumnElement[bool]) -> Select[CallRound, int]:
    """Select the rounds that have applications under a condition, with their number, the oldest first."""
    return (
        select(CallRound, func.count(Application.id))
        .join(Application, Application.round_id == CallRound.id)
        .where(condition)
        .group_by(CallRound.id)
        .order_by(CallRound.id)
    )


def objections() -> Select[Objection]:
    """Select every objection with product and notice, never with who objects; open ones first, then by due day."""
    rank = case((Objection.answered_at.is_not(None), 1), else_=0)
    return (
        select(Objection)
        .options(
            joinedload(Objection.item).options(
                joinedload(NoticeItem.application), joinedload(NoticeItem.notice)
            )
        )
        .order_by(rank, Objection.due_on, Objection.id)
    )


def supports() -> Select[SupportDecision]:
    """Select the support decisions with listing and entry, the latest first."""
    return (
        select(SupportDecision)
        .options(joinedload(SupportDecision.listing).joinedload(Listing.entry))
        .order_by(SupportDecision.decided_on.desc(), SupportDecision.id.desc())
    )


def items_of(notice_id: int) -> Select[NoticeItem]:
    """Select a notice's products in printed order."""
    return (
        select(NoticeItem)
        .where(NoticeItem.notice_id == notice_id)
        .options(selectinload(NoticeItem.application))
        .order_by(NoticeItem.position)
    )
