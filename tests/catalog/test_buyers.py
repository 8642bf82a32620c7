"""A unit becomes a verified buyer by one more kind of request."""

from io import BytesIO

import pytest
from sqlalchemy import select

from catalog.models import Buyer, BuyerNature, BuyerStatus
from registry import clock
from registry.models import Role, RoleGrant, UnitRequest
from tests.factories import log_in


@pytest.fixture
def asked(app, session, make):
    """Return the member who asked that his unit be verified as a buyer, and the request."""
    organization = make.organization(verified_at=clock.now(), credit_code="91350100M000100Y43")
    member = make.user(Role.BUYER_OPERATOR, Role.APPLICANT_SIGNATORY, organization=organization)
    session.commit()
    browser = app.test_client()
    log_in(browser, member)
    answer = browser.post(
        "/unit/requests/buyer",
        data={
            "nature": "public_hospital",
            "approver": member.id,
            "letter": (BytesIO(b"%PDF-1.7\n"), "授权书.pdf"),
        },
    )
    assert answer.location == "/unit"
    return member, session.scalars(select(UnitRequest)).one()


def roles(session, user):
    query = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.revoked_at.is_(None))
    return set(session.scalars(query))


def test_the_office_s_yes_makes_a_verified_buyer_with_an_approver(app, session, make, asked):
    member, request = asked
    officer = make.user(Role.FORMAL_REVIEWER)
    session.commit()
    office = app.test_client()
    log_in(office, officer)

    office.post(
        f"/office/units/requests/{request.id}", data={"version": request.version_id, "answer": "approve"}
    )

    buyer = session.scalars(select(Buyer)).one()
    assert (buyer.organization_id, buyer.nature, buyer.status, buyer.verified_by_id) == (
        member.organization_id, BuyerNature.PUBLIC_HOSPITAL, BuyerStatus.VERIFIED, officer.id,
    )  # fmt: skip
    assert roles(session, member) == {Role.APPLICANT_SIGNATORY, Role.BUYER_APPROVER}


def test_a_buyer_of_that_nature_already_is_refused(app, session, make):
    organization = make.organization(verified_at=clock.now())
    make.buyer(organization=organization)
    member = make.user(Role.APPLICANT_OPERATOR, organization=organization)
    session.commit()
    browser = app.test_client()
    log_in(browser, member)

    answer = browser.post("/unit/requests/buyer", data={"nature": "public_hospital", "approver": member.id})

    assert answer.status_code == 422
    assert "本单位已是此性质的已核验采购方。" in answer.get_data(as_text=True)
