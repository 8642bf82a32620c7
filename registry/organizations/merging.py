"""Two records of one unit become one: everything points at the one that stays, the other keeps its history."""

from collections.abc import Callable, Sequence

from sqlalchemy import Column, inspect, select, update
from sqlalchemy.orm import Session

from registry import accounts, clock, hooks, trail
from registry.errors import RuleError
from registry.models import (
    Base,
    Organization,
    OrganizationName,
    Role,
    UnitRequest,
    UnitRequestState,
    User,
)
from registry.organizations import members

Reconcile = Callable[[Session, Organization, Organization], None]

reconcilers: list[Reconcile] = []
"""What must be settled before `other` is re-pointed to `organization`, where both may have one and only one of a thing
(a buyer); packages append."""


def merge(session: Session, organization: Organization, actor: User, *, other: Organization) -> None:
    """Merge `other` into `organization`: members, applications, products, files and requests follow.

    The other's names become former names. Its signatory becomes an operator, and its open requests are withdrawn.

    Raises:
        RuleError: one of the two was merged already, or only the other one is verified.
    """
    if organization.merged_into_id is not None or other.merged_into_id is not None:
        raise RuleError("其中一个单位已并入别的单位，请刷新后核对。", parameter="other")
    if other.verified_at is not None and organization.verified_at is None:
        raise RuleError("对方单位已核验而本单位尚未核验，应由对方单位提出合并。", parameter="other")
    session.execute(  # first, so that no two open requests of a kind meet
        update(UnitRequest)
        .where(UnitRequest.organization_id == other.id, UnitRequest.state == UnitRequestState.FILED)
        .values(
            state=UnitRequestState.WITHDRAWN, decided_at=clock.now(), version_id=UnitRequest.version_id + 1
        )
    )
    for user in session.scalars(members.of(other.id)):
        if Role.APPLICANT_SIGNATORY in user.roles:
            accounts.give_role(session, user, actor, Role.APPLICANT_OPERATOR)
            accounts.take_role(session, user, actor, Role.APPLICANT_SIGNATORY)
        user.session_epoch += 1
    if other.name != organization.name:
        session.add(
            OrganizationName(organization_id=other.id, name=other.name, from_on=None, until_on=clock.today())
        )
    if organization.credit_code is None:
        code, other.credit_code = other.credit_code, None
        session.flush()  # the code is unique: let go of it before it is taken
        organization.credit_code = code
    other.merged_into_id = organization.id
    session.flush()
    for reconcile in reconcilers:
        reconcile(session, organization, other)
    session.flush()
    _repoint(session, organization, other)
    trail.record(
        session, actor, "unit.merge", subject="organization", subject_id=organization.id,
        detail={"merged": other.id},
    )  # fmt: skip


def pointing_columns(record: type[Base]) -> list[Column[int]]:
    """Return every column of every package that points at a kind of record."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is record.__table__ for key in column.foreign_keys)
    ]


def _repoint(session: Session, organization: Organization, other: Organization) -> None:
    columns = pointing_columns(Organization)
    for column in columns:
        session.execute(update(column.table).where(column == other.id).values({column.name: organization.id}))
    for record in session:  # what was loaded still points at the old record
        mapper = inspect(record).mapper
        keys = [
            mapper.get_property_by_column(column).key
            for column in columns
            if column.table is mapper.local_table
        ]
        if keys:
            session.expire(record, keys)


def still_pointed_at(context: hooks.Context) -> Sequence[str]:
    """Return a line for every record that points at a unit which was merged into another."""
    merged = select(Organization.id).where(Organization.merged_into_id.is_not(None))
    with context.database.reading() as session:
        return [
            f"{column.table.name}.{column.name} points at unit {unit_id}, which was merged into another"
            for column in pointing_columns(Organization)
            for unit_id in session.scalars(select(column).where(column.in_(merged)).distinct())
        ]


hooks.checks.append(still_pointed_at)
