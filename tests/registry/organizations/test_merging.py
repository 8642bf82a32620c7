"""Merging two records of one unit: everything follows, the history stays."""

import pytest
from sqlalchemy import func, select

from catalog.models import Buyer, BuyerNature, BuyerStatus
from registry import clock
from registry.errors import RuleError
from registry.hooks import Context
from registry.models import (
    Attachment,
    AttachmentVisibility,
    Base,
    Organization,
    OrganizationName,
    Role,
    UnitRequest,
    UnitRequestKind,
    UnitRequestState,
)
from registry.organizations import lookup, merging


@pytest.fixture
def lead(make):
    """Return who decides."""
    return make.user(Role.SECRETARIAT_LEAD)


def pointing_at(session, organization):
    return {
        str(column)
        for column in merging.pointing_columns(Organization)
        if session.scalar(select(func.count()).select_from(column.table).where(column == organization.id))
    }


def test_everything_that_pointed_at_the_other_record_points_at_the_one_that_stays(session, make, unit, lead):
    kept, other = unit(), unit(verified=False)
    member = make.user(Role.APPLICANT_OPERATOR, organization=other)
    entry = make.entry()
    entry.organization_id = other.id
    make.buyer(organization=other)
    session.add(OrganizationName(organization_id=other.id, name="示例更早名称", from_on=None, until_on=None))
    session.add(
        Attachment(
            sha256="0" * 64, name="a.pdf", media_type="application/pdf", size=1, kind="unit_claim",
            visibility=AttachmentVisibility.RESTRICTED, organization_id=other.id, uploaded_by_id=member.id,
            uploaded_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()
    pointing = pointing_at(session, other)
    assert len(pointing) >= 5

    merging.merge(session, kept, lead, other=other)

    assert pointing_at(session, other) == set()
    assert pointing_at(session, kept) == pointing | {"organization.merged_into_id"}
    assert entry.organization_id == kept.id


def test_the_check_finds_what_came_to_a_merged_record_afterwards(
    session, database, settings, make, unit, lead
):
    kept, other = unit(), unit(verified=False)
    merging.merge(session, kept, lead, other=other)
    session.commit()
    assert merging.still_pointed_at(Context(database, settings)) == []

    make.user(organization=other)
    session.commit()

    assert merging.still_pointed_at(Context(database, settings)) == [
        f"user.organization_id points at unit {other.id}, which was merged into another"
    ]


def test_every_table_that_points_at_a_unit_is_known():
    tables = {column.table.name for column in merging.pointing_columns(Organization)}

    assert {"user", "catalog_entry", "application", "attachment", "unit_request", "buyer"} <= tables
    assert tables <= set(Base.metadata.tables)


def test_the_other_s_names_find_the_unit_that_stays(session, unit, lead):
    kept, other = unit(), unit(verified=False, name="示例旧登记有限公司")
    code = other.credit_code

    merging.merge(session, kept, lead, other=other)

    assert lookup.by_name(session, "示例旧登记有限公司") == [kept]
    assert lookup.by_code(session, code) is kept


def test_a_record_without_a_code_takes_the_other_s(session, unit, lead):
    kept, other = unit(verified=False, credit_code=None), unit(verified=False)
    code = other.credit_code

    merging.merge(session, kept, lead, other=other)

    assert (kept.credit_code, other.credit_code) == (code, None)


def test_open_requests_of_the_other_record_are_withdrawn(session, make, unit, lead):
    kept, other = unit(), unit()
    for organization in (kept, other):
        member = make.user(Role.APPLICANT_OPERATOR, organization=organization)
        session.add(
            UnitRequest(
                organization_id=organization.id, kind=UnitRequestKind.CLAIM, subject="P000001", detail={},
                state=UnitRequestState.FILED, filed_by_id=member.id, filed_at=clock.now(),
            )
        )  # fmt: skip
    session.flush()

    merging.merge(session, kept, lead, other=other)

    states = session.scalars(
        select(UnitRequest.state).where(UnitRequest.organization_id == kept.id).order_by(UnitRequest.id)
    )
    assert list(states) == [UnitRequestState.FILED, UnitRequestState.WITHDRAWN]


def test_two_buyers_become_one_and_a_verified_one_stays_verified(session, make, unit, lead):
    kept, other = unit(), unit(verified=False)
    make.buyer(organization=kept, status=BuyerStatus.APPLIED, nature=BuyerNature.UNIVERSITY)
    make.buyer(organization=other, nature=BuyerNature.PUBLIC_HOSPITAL)

    merging.merge(session, kept, lead, other=other)

    buyer = session.scalars(select(Buyer)).one()
    assert (buyer.organization_id, buyer.nature, buyer.status) == (
        kept.id, BuyerNature.PUBLIC_HOSPITAL, BuyerStatus.VERIFIED,
    )  # fmt: skip


def test_a_verified_record_is_not_merged_into_an_unverified_one(session, unit, lead):
    with pytest.raises(RuleError) as refused:
        merging.merge(session, unit(verified=False), lead, other=unit())

    assert "应由对方单位提出合并" in refused.value.sentence


def test_a_merged_record_is_not_merged_again(session, unit, lead):
    kept, other = unit(), unit(verified=False)
    merging.merge(session, kept, lead, other=other)

    with pytest.raises(RuleError):
        merging.merge(session, unit(), lead, other=other)
