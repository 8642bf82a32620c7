"""What each kind of request asks, and what its approval changes. The catalog adds the buyer's kind to `KINDS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from registry import accounts, clock, outbox, trail
from registry.errors import RuleError
from registry.models import (
    CatalogEntry,
    EntryVersion,
    Organization,
    OrganizationName,
    PublicationScope,
    UnitRequest,
    UnitRequestKind,
    User,
)
from registry.organizations import members, merging
from registry.organizations.lookup import named_unit
from registry.organizations.permissions import is_member, is_officer
from registry.permissions import Rule
from registry.statements import stated

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnitNamesChanged:
    """The names under which a unit's products are known changed: it was renamed, merged, or claimed one."""

    organization_id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for, checked: `subject` tells it from others of its kind, `detail` is the rest."""

    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request. `check` refuses what cannot be asked, `approve` makes it so; both may raise RuleError."""

    who: Rule
    check: Callable[[Session, Organization, Values], Asked]
    approve: Callable[[Session, UnitRequest, Organization, User], None]
    needs_letter: bool = True
    needs_verified: bool = True


# --- verification and the signatory -------------------------------------------------------------------------------


def _signatory(session: Session, organization: Organization, values: Values) -> dict[str, Any]:
    user = members.member(session, organization.id, int(values["signatory"]))
    return {"signatory_id": user.id, "signatory": user.display_name}


def _check_verification(session: Session, organization: Organization, values: Values) -> Asked:
    if organization.verified_at is not None:
        raise RuleError("单位已核验，无需再次申请。", parameter="kind")
    if organization.credit_code is None:
        raise RuleError("统一社会信用代码：请先在单位资料中补充。", parameter="kind")
    return Asked("unit", _signatory(session, organization, values))


def _verify(session: Session, request: UnitRequest, organization: Organization, actor: User) -> None:
    organization.verified_at = clock.now()
    _replace(session, request, organization, actor)


def _check_replacement(session: Session, organization: Organization, values: Values) -> Asked:
    asked = _signatory(session, organization, values)
    if any(user.id == asked["signatory_id"] for user in members.signatories(session, organization.id)):
        raise RuleError("签署人：该成员已是签署人。", parameter="signatory")
    return Asked("signatory", asked)


def _replace(session: Session, request: UnitRequest, organization: Organization, actor: User) -> None:
    user = members.member(session, organization.id, request.detail["signatory_id"])
    members.make_signatory(session, organization, actor, user=user)


# --- the name -----------------------------------------------------------------------------------------------------


def _check_rename(session: Session, organization: Organization, values: Values) -> Asked:
    name = stated(str(values["name"]), "新名称", "name")
    if name == organization.name:
        raise RuleError("新名称：与现名称相同。", parameter="name")
    changed_on = values["changed_on"]
    if changed_on > clock.today():
        raise RuleError("变更日期：不得晚于今天。", parameter="changed_on")
    return Asked("name", {"name": name, "former": organization.name, "changed_on": changed_on.isoformat()})


def _rename(session: Session, request: UnitRequest, organization: Organization, _actor: User) -> None:
    last = session.scalars(
        select(OrganizationName)
        .where(OrganizationName.organization_id == organization.id, OrganizationName.until_on.is_not(None))
        .order_by(OrganizationName.until_on.desc())
        .limit(1)
    ).one_or_none()
    changed_on = date.fromisoformat(request.detail["changed_on"])
    session.add(
        OrganizationName(
            organization_id=organization.id, name=organization.name,
            from_on=last.until_on if last else None, until_on=changed_on,
        )
    )  # fmt: skip
    organization.name = request.detail["name"]
    outbox.emit(session, UnitNamesChanged(organization.id))


# --- duplicates ---------------------------------------------------------------------------------------------------


def _check_merge(session: Session, organization: Organization, values: Values) -> Asked:
    other = named_unit(session, str(values["other"]), parameter="other")
    if other.id == organization.id:
        raise RuleError("重复单位：不能与自身合并。", parameter="other")
    return Asked(str(other.id), {"other_id": other.id, "other": other.name, "other_code": other.credit_code})


def _merge(session: Session, request: UnitRequest, organization: Organization, actor: User) -> None:
    other = session.get_one(Organization, request.detail["other_id"])
    merging.merge(session, organization, actor, other=other)
    outbox.emit(session, UnitNamesChanged(organization.id))


# --- imported products --------------------------------------------------------------------------------------------


def own_names(session: Session, organization: Organization) -> list[str]:
    """Return the names that a unit bears or bore, the present one first."""
    former = session.scalars(
        select(OrganizationName.name)
        .where(OrganizationName.organization_id == organization.id)
        .order_by(OrganizationName.id.desc())
    )
    return list(dict.fromkeys([organization.name, *former]))


def claimable(session: Session, organization: Organization) -> Select[CatalogEntry]:
    """Select the entries nobody claimed that were published under a unit's code or one of its names."""
    names = own_names(session, organization)
    mine: list[ColumnElement[bool]] = [EntryVersion.organization_name.in_(names)]
    if organization.credit_code:
        mine.append(EntryVersion.credit_code == organization.credit_code)
    return (
        select(CatalogEntry)
        .join(CatalogEntry.version)
        .where(CatalogEntry.organization_id.is_(None), or_(*mine))
        .options(selectinload(CatalogEntry.version))
        .order_by(CatalogEntry.id)
    )


def _check_claim(session: Session, organization: Organization, values: Values) -> Asked:
    code = str(values["code"]).strip().upper()
    entry = session.scalars(
        select(CatalogEntry).where(CatalogEntry.code == code).options(selectinload(CatalogEntry.version))
    ).one_or_none()
    if entry is None or not _may_know(session, organization, entry):
        raise RuleError("产品代码：没有这个产品，请核对产品页面上的代码。", parameter="code")
    if entry.organization_id is not None:
        own = entry.organization_id == organization.id
        raise RuleError(f"产品代码：该产品已由{'本单位' if own else '其他单位'}认领。", parameter="code")
    return Asked(
        code,
        {
            "code": code,
            "product": entry.version.name,
            "published_unit": entry.version.organization_name,
            "published_code": entry.version.credit_code,
        },
    )


def _may_know(session: Session, organization: Organization, entry: CatalogEntry) -> bool:
    return entry.scope is PublicationScope.PUBLIC or (
        session.scalar(claimable(session, organization).where(CatalogEntry.id == entry.id)) is not None
    )


def _claim(session: Session, request: UnitRequest, organization: Organization, actor: User) -> None:
    entry = session.scalars(
        select(CatalogEntry).where(CatalogEntry.code == request.detail["code"]).with_for_update()
    ).one()
    if entry.organization_id is not None:
        raise RuleError(f"产品 {entry.code} 已由其他单位认领。", parameter="code")
    entry.organization_id = organization.id
    outbox.emit(session, UnitNamesChanged(organization.id))
    trail.record(
        session, actor, "entry.claim", subject="entry", subject_id=entry.code, version=entry.current_version,
        detail={"organization": organization.id},
    )  # fmt: skip


# --- joining ------------------------------------------------------------------------------------------------------


def _check_membership(session: Session, _organization: Organization, values: Values) -> Asked:
    user = session.get_one(User, values["user_id"])
    return Asked(str(user.id), {"user_id": user.id, "person": user.display_name})


def _admit(session: Session, request: UnitRequest, organization: Organization, actor: User) -> None:
    user = accounts.find(session, request.detail["user_id"])
    if user is None:
        raise RuleError("该账号已停用，不能加入单位。", parameter="member")
    members.admit(session, user, organization, actor)


is_without_unit = Rule(lambda actor, _subject: actor.id is not None and actor.organization_id is None)

KINDS: dict[UnitRequestKind, Kind] = {
    UnitRequestKind.VERIFICATION: Kind(is_member, _check_verification, _verify, needs_verified=False),
    UnitRequestKind.SIGNATORY: Kind(is_member, _check_replacement, _replace),
    UnitRequestKind.RENAME: Kind(is_member, _check_rename, _rename),
    UnitRequestKind.MERGE: Kind(is_member | is_officer, _check_merge, _merge, needs_verified=False),
    UnitRequestKind.CLAIM: Kind(is_member, _check_claim, _claim, needs_letter=False),
    UnitRequestKind.MEMBERSHIP: Kind(
        is_without_unit, _check_membership, _admit, needs_letter=False, needs_verified=False
    ),
}
