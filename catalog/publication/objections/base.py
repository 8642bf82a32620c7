"""What filing and handling stand on: objections with their product, the locked application, counts, trail and messages."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from catalog.publication.models import (
    OPEN_OBJECTIONS,
    NoticeItem,
    NoticeState,
    Objection,
    ObjectionFile,
    PublicNotice,
)
from registry import clock, messages, trail
from registry.errors import NotFoundError, StaleError
from registry.models import Application, Role, TrailLine, User
from registry.statements import stated

STATEMENT_MAX = 5_000  # characters


def find(session: Session, objection_id: int, *, lock: bool = False, version: int | None = None) -> Objection:
    """Return an objection with its product and notice, never with who objects.

    Raises:
        NotFoundError: there is none.
        StaleError: it was changed since the page with `version` was shown.
    """
    query = select(Objection).where(Objection.id == objection_id)
    if lock:
        session.execute(query.with_for_update().execution_options(populate_existing=True))
    objection = session.scalars(
        query.options(
            joinedload(Objection.item).options(
                joinedload(NoticeItem.application), joinedload(NoticeItem.notice)
            )
        )
    ).one_or_none()
    if objection is None:
        raise NotFoundError("没有这项异议。", parameter="objection")
    if version is not None and objection.version_id != version:
        raise StaleError("这项异议刚刚被别人办理，请刷新页面查看后再办理。", parameter="version")
    return objection


def files_of(session: Session, objection: Objection) -> Sequence[ObjectionFile]:
    """Return the letter and evidence of an objection."""
    return session.scalars(
        select(ObjectionFile).where(ObjectionFile.objection_id == objection.id).order_by(ObjectionFile.id)
    ).all()


def receipt(session: Session, objection: Objection) -> int:
    """Return the number of the receipt that the objector was given: its line in the trail."""
    return session.scalars(
        select(TrailLine.seq).where(
            TrailLine.action == "objection.file",
            TrailLine.subject == "objection",
            TrailLine.subject_id == str(objection.id),
        )
    ).one()


def is_taking(notice: PublicNotice) -> bool:
    """Return whether objections to a notice are taken today; both ends of the period count."""
    return (
        notice.state is not NoticeState.DRAFT
        and notice.opens_on is not None
        and notice.closes_on is not None
        and notice.opens_on <= clock.today() <= notice.closes_on
    )


def locked_application(session: Session, application_id: int) -> Application:
    """Return the application; two objections to one product are filed one after the other."""
    return session.scalars(
        select(Application)
        .where(Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def open_count(session: Session, application_id: int, *, but: Objection | None = None) -> int:
    query = (
        select(func.count())
        .select_from(Objection)
        .join(Objection.item)
        .where(NoticeItem.application_id == application_id, Objection.state.in_(OPEN_OBJECTIONS))
    )
    return session.scalar(query.where(Objection.id != but.id) if but else query) or 0


def statement_of(text: str, name: str, parameter: str) -> str:
    return stated(text, name, parameter, most=STATEMENT_MAX)


def tell_staff(
    session: Session, objection: Objection, roles: Collection[Role], *, subject: str = "收到异议"
) -> None:
    messages.tell(
        session,
        messages.holders(session, *roles),
        subject=f"{subject}（第 {objection.id} 号）",
        body="请在工作台办理。异议人的信息予以保密。",
        path=f"/office/objections/{objection.id}",
    )


def record(
    session: Session, actor: User, objection: Objection, act: str, detail: dict[str, Any] | None = None
) -> None:
    trail.record(
        session, actor, f"objection.{act}", subject="objection", subject_id=objection.id, detail=detail
    )
