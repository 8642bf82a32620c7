"""What waits for a unit's members and for the office."""

from collections.abc import Iterator

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from registry import hooks
from registry.hooks import WorkItem
from registry.models import (
    Ban,
    BanState,
    InboxMessage,
    Organization,
    Role,
    UnitRequest,
    UnitRequestKind,
    UnitRequestState,
    User,
)
from registry.organizations import bans, requests
from registry.permissions import may


def waiting(session: Session, user: User) -> Iterator[WorkItem]:
    """Yield the requests to decide, the unit to verify and the messages to read."""
    if may(user, "unit:decide"):
        filed = session.scalars(
            requests.for_office(waiting=True).where(UnitRequest.filed_by_id != user.id)
        ).all()
        if filed:
            due = min(requests.due_days(session, filed).values())
            yield WorkItem("单位的申请待办理", "/office/units", len(filed), due)
    if may(user, "ban:decide"):
        count = session.scalar(
            select(func.count()).where(
                Ban.state.in_(bans.WAITING),
                case((Ban.state == BanState.PROPOSED, Ban.proposed_by_id), else_=Ban.lift_proposed_by_id)
                != user.id,
            )
        )
        if count:
            yield WorkItem("限制申报的提议待确认", "/office/units/bans", count)
    if user.organization_id is not None:
        yield from _of_unit(session, user, user.organization_id)
    unread = session.scalar(
        select(func.count()).where(InboxMessage.user_id == user.id, InboxMessage.read_at.is_(None))
    )
    if unread:
        yield WorkItem("未读消息", "/inbox", unread)


def _of_unit(session: Session, user: User, organization_id: int) -> Iterator[WorkItem]:
    organization = session.get_one(Organization, organization_id)
    filed = session.scalars(
        select(UnitRequest.kind).where(
            UnitRequest.organization_id == organization_id, UnitRequest.state == UnitRequestState.FILED
        )
    ).all()
    joining = filed.count(UnitRequestKind.MEMBERSHIP)
    if joining and Role.APPLICANT_SIGNATORY in user.roles:
        yield WorkItem("有人申请加入本单位", "/unit#joining", joining)
    if (
        organization.verified_at is None
        and UnitRequestKind.VERIFICATION not in filed
        and may(user, "unit:correct", organization)
    ):
        yield WorkItem("上传授权书，申请单位核验", "/unit/requests/verification", 1)


hooks.work_items.append(waiting)
