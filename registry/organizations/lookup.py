"""Units found by code or name, as they stand after merges."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from registry.errors import RuleError
from registry.models import Organization, OrganizationName


def current(session: Session, organization: Organization) -> Organization:
    """Return the unit that stands for a unit now, after merges."""
    while organization.merged_into_id is not None:
        organization = session.get_one(Organization, organization.merged_into_id)
    return organization


def by_code(session: Session, code: str) -> Organization | None:
    """Return the unit of a credit code as it stands now, None where it is not known; its row is locked."""
    found = session.scalars(
        select(Organization).where(Organization.credit_code == code).with_for_update()
    ).one_or_none()
    return current(session, found) if found else None


def by_name(session: Session, name: str) -> list[Organization]:
    """Return the units that bear a name or bore it, without merged ones."""
    name = name.strip()
    return list(
        session.scalars(
            select(Organization)
            .where(
                Organization.merged_into_id.is_(None),
                (Organization.name == name) | Organization.names.any(OrganizationName.name == name),
            )
            .order_by(Organization.id)
        )
    )


def matching(text: str) -> Select[Organization]:
    """Select the units that stand now whose code, name or former name contains a text, by name."""
    query = (
        select(Organization)
        .where(Organization.merged_into_id.is_(None))
        .order_by(Organization.name, Organization.id)
    )
    if text:
        query = query.where(
            or_(
                Organization.name.icontains(text, autoescape=True),
                Organization.credit_code.icontains(text, autoescape=True),
                Organization.names.any(OrganizationName.name.icontains(text, autoescape=True)),
            )
        )
    return query


def named_unit(session: Session, text: str, *, parameter: str) -> Organization:
    """Return the one unit of a credit code or a present or former name.

    Raises:
        RuleError: there is none, or a name is borne by several.
    """
    if not text.strip():
        raise RuleError("单位：请填写统一社会信用代码或者单位全称。", parameter=parameter)
    by_number = by_code(session, text.strip().upper())
    found = [by_number] if by_number else by_name(session, text)
    if not found:
        raise RuleError(
            "单位：没有此名称或者代码的单位，请填写全称或者统一社会信用代码。", parameter=parameter
        )
    if len(found) > 1:
        raise RuleError("单位：有多个单位用过此名称，请改填统一社会信用代码。", parameter=parameter)
    return found[0]
