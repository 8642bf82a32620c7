"""What waits for whom, what falls due by itself, and what must always hold."""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from catalog.models import Edition, EditionItem, EditionOrigin
from catalog.publication import notices, objections, queries
from catalog.publication.models import (
    OPEN_OBJECTIONS,
    EntryField,
    NoticeItem,
    NoticeState,
    Objection,
    ObjectionState,
    Publication,
    PublicationItem,
    PublicationState,
    PublicNotice,
)
from registry import calendar, clock, hooks, policy_checks, rounds
from registry.hooks import WorkItem
from registry.models import Application, CallRound, Listing, Role, State, User
from registry.permissions import may

MINUTE = timedelta(minutes=1)


# --- what waits ---------------------------------------------------------------------------------------------------


def waiting(session: Session, user: User) -> Iterator[WorkItem]:
    """Yield the notices, objections and publications that wait for the account."""
    if may(user, "notice:manage"):
        yield from _notices(session)
    if may(user, "publication:draft"):
        yield from _drafts(session)
    yield from _signing(session, user)
    yield from _objections(session, user)


def _notices(session: Session) -> Iterator[WorkItem]:
    approved = _count(session, queries.is_to_notice())
    if approved:
        yield WorkItem("审议通过、待列入公示的产品", "/office/notices", approved)
    drafts = _count(session, PublicNotice.state == NoticeState.DRAFT)
    if drafts:
        yield WorkItem("公示稿待发布", "/office/notices", drafts)


def _drafts(session: Session) -> Iterator[WorkItem]:
    """Yield the products whose notice is over and that no publication holds, with the earliest due day."""
    count, first = session.execute(
        select(func.count(), func.min(Application.notice_closes_on))
        .select_from(Application)
        .where(queries.is_to_publish(clock.today()))
    ).one()
    if first is not None:
        call = session.scalars(
            select(CallRound)
            .join(Application, Application.round_id == CallRound.id)
            .where(queries.is_to_publish(clock.today()), Application.notice_closes_on == first)
            .limit(1)
        ).one()
        due = calendar.load(session).add(first, rounds.policy_value(call, "publication.days"))
        yield WorkItem("公示期满、待拟稿发布的产品", "/office/publications", count, due)


def _signing(session: Session, user: User) -> Iterator[WorkItem]:
    """Yield the publications for whose next step the account is neither barred nor late."""
    steps: tuple[tuple[str, str, Collection[Any]], ...] = (
        (
            "publication:check",
            "发布公告待审核",
            (
                Publication.state == PublicationState.DRAFTED,
                Publication.returned_reason.is_(None),
                Publication.drafted_by_id != user.id,
            ),
        ),
        (
            "publication:sign",
            "发布公告待签发",
            (
                Publication.state == PublicationState.CHECKED,
                Publication.drafted_by_id != user.id,
                Publication.checked_by_id != user.id,
            ),
        ),
        (
            "publication:publish",
            "已签发、待登记文号发布的公告",
            (Publication.state == PublicationState.SIGNED,),
        ),
        (
            "publication:draft",
            "被退回的发布公告待修改",
            (Publication.state == PublicationState.DRAFTED, Publication.returned_reason.is_not(None)),
        ),
    )
    for permission, text, conditions in steps:
        if may(user, permission) and (count := _count(session, *conditions)):
            yield WorkItem(text, "/office/publications", count)


def _objections(session: Session, user: User) -> Iterator[WorkItem]:
    is_investigated = Objection.state == ObjectionState.INVESTIGATING
    steps: list[tuple[str, Any]] = []
    if may(user, "objection:handle"):
        steps += [
            ("异议待判断是否受理", Objection.state == ObjectionState.FILED),
            ("异议待核查", is_investigated & Objection.report.is_(None)),
            (
                "异议待答复",
                Objection.state.in_(
                    (ObjectionState.INADMISSIBLE, ObjectionState.UPHELD, ObjectionState.DISMISSED)
                )
                & Objection.answered_at.is_(None),
            ),
        ]
        if count := objections.to_tell(session):
            yield WorkItem("异议答复待邮寄或者电话告知", "/office/objections", count)
    if may(user, "objection:decide"):
        steps.append(
            (
                "异议待决定",
                is_investigated & Objection.report.is_not(None) & (Objection.reported_by_id != user.id),
            )
        )
    for text, condition in steps:
        count, due = session.execute(select(func.count(), func.min(Objection.due_on)).where(condition)).one()
        if count:
            yield WorkItem(text, "/office/objections", count, due)
    if Role.DISCIPLINE_OBSERVER in user.roles:
        leads = _count(session, Objection.state == ObjectionState.LEAD)
        if leads:
            yield WorkItem("匿名反映的线索", "/office/objections", leads)


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


# --- what falls due -----------------------------------------------------------------------------------------------


def turn(context: hooks.Context) -> None:
    """Close the notices whose period is over."""
    with context.database.transaction() as session:
        notices.turn(session)


# --- what must hold -----------------------------------------------------------------------------------------------


def check(context: hooks.Context) -> Sequence[str]:
    """Return what is broken between applications, objections, publications and the catalog."""
    with context.database.reading() as session:
        return [*_miscounted(session), *_unlisted(session), *_uncut(session)]


def _miscounted(session: Session) -> Iterator[str]:
    counted = (
        select(func.count())
        .select_from(Objection)
        .join(NoticeItem, NoticeItem.id == Objection.item_id)
        .where(NoticeItem.application_id == Application.id, Objection.state.in_(OPEN_OBJECTIONS))
        .scalar_subquery()
    )
    noticed = exists().where(NoticeItem.application_id == Application.id)
    for number in session.scalars(
        select(Application.number).where(noticed, Application.open_objections != counted)
    ):
        yield f"application {number}: open_objections does not match its objections"


def _unlisted(session: Session) -> Iterator[str]:
    listed = exists().where(
        Listing.entry_id == Application.entry_id, Listing.list_code == Application.list_code
    )
    for number in session.scalars(
        select(Application.number).where(Application.state == State.LISTED, ~listed)
    ):
        yield f"application {number}: listed without a listing"


def _uncut(session: Session) -> Iterator[str]:
    """Yield the published products that stand in no edition of a round."""
    cut = exists().where(
        EditionItem.listing_id == PublicationItem.listing_id,
        EditionItem.edition_id == Edition.id,
        Edition.origin == EditionOrigin.ROUND,
    )
    for item in session.scalars(
        select(PublicationItem)
        .join(Publication, Publication.id == PublicationItem.publication_id)
        .where(
            Publication.state == PublicationState.PUBLISHED,
            or_(PublicationItem.listing_id.is_(None), ~cut),
        )
        .options(joinedload(PublicationItem.application))
    ):
        yield f"publication {item.publication_id}: {item.application.number} stands in no edition"


# --- what its policy must fulfil ----------------------------------------------------------------------------------


def _check_policy(_session: Session, key: str, value: Any) -> None:
    if key == "notice.public_fields":
        if unknown := [name for name in value if name not in list(EntryField)]:
            raise ValueError(f"没有名为 {'、'.join(unknown)} 的公开字段。")
        if "name" not in value or "organization_name" not in value:
            raise ValueError("产品名称和申报单位必须公开。")
    if key == "notice.wording":
        try:
            for text in value.values():
                text.format(round="")
        except (KeyError, IndexError, ValueError):
            raise ValueError("可用字只有 {round}。") from None


hooks.work_items.append(waiting)
hooks.clocks.append(hooks.Clock("publication.turn", MINUTE, turn))
hooks.checks.append(check)
policy_checks.CHECKS["notice."] = _check_policy
