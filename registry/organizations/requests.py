"""What is asked about a unit: filed with a letter, decided by somebody else, and what a yes changes.

One mechanism for all kinds; `kinds.py` says what is special about each.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from registry import calendar, clock, messages, policy, trail
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import (
    Attachment,
    Organization,
    Role,
    RoleGrant,
    UnitRequest,
    UnitRequestKind,
    UnitRequestState,
    User,
)
from registry.organizations.kinds import KINDS
from registry.organizations.permissions import is_member
from registry.permissions import may
from registry.statements import stated
from registry.terms import label

# --- filing -------------------------------------------------------------------------------------------------------


def file(
    session: Session,
    organization: Organization,
    actor: User,
    *,
    kind: UnitRequestKind,
    letter: Attachment | None = None,
    **values: Any,
) -> UnitRequest:
    """File a request about a unit; `values` are what its kind asks for.

    Raises:
        NotAllowedError: not the actor's to ask.
        RuleError: a value breaks its rule, the letter is missing, or the same request waits already.
    """
    rules = KINDS[kind]
    if not rules.who(actor, organization):
        raise NotAllowedError(f"您不能为该单位申请{label(kind)}。", parameter="kind")
    if rules.needs_verified and organization.verified_at is None:
        raise RuleError("单位尚未核验，请先申请单位核验。", parameter="kind")
    asked = rules.check(session, organization, values)
    if rules.needs_letter and letter is None and is_member(actor, organization):
        raise RuleError("证明文件：必须上传。", parameter="letter")
    request = UnitRequest(
        organization_id=organization.id,
        kind=kind,
        subject=asked.subject,
        detail=dict(asked.detail),
        state=UnitRequestState.FILED,
        attachment_id=letter.id if letter else None,
        filed_by_id=actor.id,
        filed_at=clock.now(),
    )
    session.add(request)
    try:
        session.flush()  # the unique index refuses a second click
    except IntegrityError:
        raise RuleError("已有一项相同的申请待办理，请勿重复提交。", parameter="kind") from None
    _record(session, request, actor, "file", dict(asked.detail))
    if kind is UnitRequestKind.MEMBERSHIP:
        _tell(session, request, organization, _signatories(session, organization.id), "joining")
    return request


# --- deciding -----------------------------------------------------------------------------------------------------


def may_decide(session: Session, actor: User, request: UnitRequest) -> bool:
    """Return whether the actor decides a request: the office; on joining a unit, its signatory where there is one."""
    if request.filed_by_id == actor.id:
        return False
    if request.kind is UnitRequestKind.MEMBERSHIP and _signatories(session, request.organization_id):
        return may(actor, "member:manage", session.get_one(Organization, request.organization_id))
    return may(actor, "unit:decide")


def approve(session: Session, request: UnitRequest, actor: User, *, version: int) -> None:
    """Say yes, and make it so.

    Raises:
        StaleError: the request was decided or withdrawn, or changed since the page was shown.
        NotAllowedError: not the actor's to decide; nobody decides what he filed.
        RuleError: what is asked for cannot be done any more.
    """
    organization = _deciding(session, request, actor, version)
    _settle(session, request, actor, UnitRequestState.APPROVED, None)
    KINDS[request.kind].approve(session, request, organization, actor)
    session.flush()
    _tell(session, request, organization, _concerned(session, request), "approved")


def refuse(session: Session, request: UnitRequest, actor: User, *, reason: str, version: int) -> None:
    """Say no, with the reason that the unit reads; see `approve` for what is raised."""
    organization = _deciding(session, request, actor, version)
    reason = stated(reason, "理由", "reason")
    _settle(session, request, actor, UnitRequestState.REFUSED, reason)
    _tell(session, request, organization, _concerned(session, request), "refused")


def withdraw(session: Session, request: UnitRequest, actor: User, *, version: int) -> None:
    """Take a request back: who filed it, or anybody who could have filed it for the unit.

    Raises:
        StaleError: it was decided in the meantime.
        NotAllowedError: not the actor's.
    """
    organization = session.get_one(Organization, request.organization_id)
    if request.filed_by_id != actor.id and not is_member(actor, organization):
        raise NotAllowedError("您不能撤回这项申请。", parameter="request")
    _still_filed(request, version)
    _settle(session, request, actor, UnitRequestState.WITHDRAWN, None)


def _deciding(session: Session, request: UnitRequest, actor: User, version: int) -> Organization:
    if not may_decide(session, actor, request):
        own = request.filed_by_id == actor.id
        raise NotAllowedError(
            "不能办理自己提出的申请，请由另一人办理。" if own else "您不能办理这项申请。", parameter="request"
        )
    _still_filed(request, version)
    return session.get_one(Organization, request.organization_id)


def _still_filed(request: UnitRequest, version: int) -> None:
    if request.state is not UnitRequestState.FILED:
        raise StaleError(f"这项申请{label(request.state)}，请刷新页面查看结果。", parameter="request")
    if request.version_id != version:
        raise StaleError("这项申请刚刚有变化，请刷新页面后再办理。", parameter="request")


def _settle(
    session: Session, request: UnitRequest, actor: User, state: UnitRequestState, reason: str | None
) -> None:
    request.state, request.reason = state, reason
    if state is not UnitRequestState.WITHDRAWN:
        request.decided_by_id = actor.id
    request.decided_at = clock.now()
    session.flush()  # the version refuses a second click here, before anything is made so
    _record(session, request, actor, state, {"reason": reason})


def _record(session: Session, request: UnitRequest, actor: User, act: str, detail: Mapping[str, Any]) -> None:
    trail.record(
        session, actor, f"unit_request.{act}", subject="unit_request", subject_id=request.id,
        detail={"kind": request.kind, "organization": request.organization_id, **detail},
    )  # fmt: skip


# --- who is told --------------------------------------------------------------------------------------------------


def _signatories(session: Session, organization_id: int) -> list[User]:
    return messages.members(session, organization_id, (Role.APPLICANT_SIGNATORY,))


def _concerned(session: Session, request: UnitRequest) -> list[User]:
    """Return who filed a request and who signs for the unit, each once."""
    users = {user.id: user for user in _signatories(session, request.organization_id)}
    filer = session.get_one(User, request.filed_by_id)
    return list((users | {filer.id: filer}).values())


def _tell(
    session: Session, request: UnitRequest, organization: Organization, users: list[User], text: str
) -> None:
    words = {
        "kind": label(request.kind),
        "unit": organization.name,
        "reason": request.reason or "",
        "person": session.get_one(User, request.filed_by_id).display_name,
    }
    messages.tell(
        session,
        users,
        **messages.written("units", text, **words),
        path="/unit",
    )


# --- looking up ---------------------------------------------------------------------------------------------------


def of_unit(organization_id: int) -> Select[UnitRequest]:
    """Select what was asked about a unit, newest first."""
    return (
        select(UnitRequest)
        .where(UnitRequest.organization_id == organization_id)
        .options(selectinload(UnitRequest.attachment))
        .order_by(UnitRequest.id.desc())
    )


def for_office(*, waiting: bool) -> Select[UnitRequest]:
    """Select what the office decides: what waits, oldest first, or what was decided, newest first.

    Joining a unit is left out where the unit has a signatory, who decides it.
    """
    signs = (
        select(RoleGrant.id)
        .join(User, User.id == RoleGrant.user_id)
        .where(
            User.organization_id == UnitRequest.organization_id,
            User.is_active,
            RoleGrant.role == Role.APPLICANT_SIGNATORY,
            RoleGrant.revoked_at.is_(None),
        )
        .exists()
    )
    query = (
        select(UnitRequest)
        .where((UnitRequest.kind != UnitRequestKind.MEMBERSHIP) | ~signs)
        .options(selectinload(UnitRequest.organization))
    )
    if waiting:
        return query.where(UnitRequest.state == UnitRequestState.FILED).order_by(UnitRequest.id)
    return query.where(UnitRequest.state != UnitRequestState.FILED).order_by(UnitRequest.id.desc())


def due_days(session: Session, filed: Iterable[UnitRequest]) -> dict[int, date]:
    """Return by when the office should decide each request, by its id; working days by policy."""
    days, working = policy.value(session, "unit.decision_working_days"), calendar.load(session)
    return {request.id: working.add(clock.day_of(request.filed_at), days) for request in filed}
