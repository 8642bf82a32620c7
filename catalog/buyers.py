"""How a unit becomes a verified buyer: one more kind of a unit's requests."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from catalog.models import Buyer, BuyerNature, BuyerStatus
from registry import accounts, clock, policy, trail
from registry.errors import RuleError
from registry.models import Organization, Role, UnitRequest, UnitRequestKind, User
from registry.organizations import members, merging
from registry.organizations.kinds import KINDS, Asked, Kind
from registry.organizations.permissions import is_member


def _check(session: Session, organization: Organization, values: Mapping[str, Any]) -> Asked:
    if values["nature"] not in set(BuyerNature):
        raise RuleError("采购方性质：请从列表中选择。", parameter="nature")
    nature = BuyerNature(values["nature"])
    buyer = of_unit(session, organization.id)
    if buyer is not None and buyer.status is BuyerStatus.VERIFIED and buyer.nature is nature:
        raise RuleError("本单位已是此性质的已核验采购方。", parameter="nature")
    approver = members.member(session, organization.id, int(values["approver"]))
    return Asked("buyer", {"nature": nature, "approver_id": approver.id, "approver": approver.display_name})


def _verify(session: Session, request: UnitRequest, organization: Organization, actor: User) -> None:
    buyer = of_unit(session, organization.id)
    nature = BuyerNature(request.detail["nature"])
    if buyer is None:
        buyer = Buyer(
            organization_id=organization.id, nature=nature, status=BuyerStatus.APPLIED, created_at=clock.now()
        )
        session.add(buyer)
    buyer.nature, buyer.status = nature, BuyerStatus.VERIFIED
    buyer.verified_by_id, buyer.verified_at = actor.id, clock.now()
    session.flush()  # the trail names the buyer by its id
    approver = members.member(session, organization.id, request.detail["approver_id"])
    if not policy.value(session, "unit.one_hand_buys"):
        accounts.take_role(session, approver, actor, Role.BUYER_OPERATOR)
    accounts.give_role(session, approver, actor, Role.BUYER_APPROVER)
    trail.record(
        session, actor, "buyer.verify", subject="buyer", subject_id=buyer.id, detail={"nature": nature}
    )


def of_unit(session: Session, organization_id: int | None) -> Buyer | None:
    """Return a unit in its role as buyer, None when it has none or there is no unit."""
    if organization_id is None:
        return None
    return session.scalars(
        select(Buyer).where(Buyer.organization_id == organization_id).options(joinedload(Buyer.organization))
    ).one_or_none()


def reconcile(session: Session, organization: Organization, other: Organization) -> None:
    """Make one buyer of two before their units are merged: certificates follow, a verified one stays so."""
    kept, merged = of_unit(session, organization.id), of_unit(session, other.id)
    if kept is None or merged is None:
        return
    if merged.status is BuyerStatus.VERIFIED and kept.status is not BuyerStatus.VERIFIED:
        kept.nature, kept.status = merged.nature, merged.status
        kept.verified_by_id, kept.verified_at = merged.verified_by_id, merged.verified_at
    for column in merging.pointing_columns(Buyer):
        session.execute(update(column.table).where(column == merged.id).values({column.name: kept.id}))
    session.delete(merged)


KINDS[UnitRequestKind.BUYER] = Kind(is_member, _check, _verify)
merging.reconcilers.append(reconcile)
