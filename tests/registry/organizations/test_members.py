"""Members: given roles by the signatory, never by themselves, and let go."""

import pytest
from sqlalchemy import select

from registry.models import Role, RoleGrant, User


def text(response):
    return response.get_data(as_text=True)


def roles(session, user):
    query = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.revoked_at.is_(None))
    return set(session.scalars(query))


@pytest.fixture
def signatory(make, unit):
    """Return who signs for a unit."""
    return make.user(Role.APPLICANT_SIGNATORY, organization=unit())


@pytest.fixture
def operator(make, signatory):
    """Return an operator of the same unit."""
    return make.user(Role.APPLICANT_OPERATOR, organization=signatory.organization)


def test_a_signatory_says_what_a_member_is(session, signatory, operator, acting):
    browser = acting(signatory)

    answer = browser.post(
        f"/unit/members/{operator.id}/roles", data={"roles": ["applicant_operator", "buyer_operator"]}
    )

    assert answer.location == "/unit"
    assert roles(session, operator) == {Role.APPLICANT_OPERATOR, Role.BUYER_OPERATOR}


def test_a_member_without_roles_loses_them_all_and_his_sessions(session, signatory, operator, acting):
    own = acting(operator)

    acting(signatory).post(f"/unit/members/{operator.id}/roles")

    assert roles(session, operator) == set()
    assert own.get("/unit").location.startswith("/login")


@pytest.mark.parametrize("given", ["applicant_signatory", "formal_reviewer", "sys_admin"])
def test_a_signatory_gives_no_other_role(session, signatory, operator, acting, given):
    answer = acting(signatory).post(f"/unit/members/{operator.id}/roles", data={"roles": [given]})

    assert answer.status_code == 403
    assert roles(session, operator) == {Role.APPLICANT_OPERATOR}


def test_both_hands_of_a_purchase_are_not_one_person_s(session, signatory, operator, acting):
    answer = acting(signatory).post(
        f"/unit/members/{operator.id}/roles", data={"roles": ["buyer_operator", "buyer_approver"]}
    )

    assert answer.status_code == 422
    assert "采购方经办人与审批人不得为同一人" in text(answer)
    assert roles(session, operator) == {Role.APPLICANT_OPERATOR}


def test_nobody_changes_himself(session, signatory, acting):
    browser = acting(signatory)

    changed = browser.post(f"/unit/members/{signatory.id}/roles", data={"roles": ["buyer_approver"]})
    removed = browser.post(f"/unit/members/{signatory.id}/remove")

    assert changed.status_code == removed.status_code == 403
    assert roles(session, signatory) == {Role.APPLICANT_SIGNATORY}


@pytest.mark.parametrize("act", ["roles", "remove"])
def test_an_operator_manages_nobody_and_never_becomes_signatory(session, make, operator, acting, act):
    colleague = make.user(Role.APPLICANT_OPERATOR, organization=operator.organization)
    browser = acting(operator)

    for user in (colleague, operator):
        answer = browser.post(f"/unit/members/{user.id}/{act}", data={"roles": ["applicant_signatory"]})
        assert answer.status_code == 403
    assert roles(session, operator) == roles(session, colleague) == {Role.APPLICANT_OPERATOR}


def test_members_of_another_unit_are_out_of_reach(session, make, unit, signatory, acting):
    stranger = make.user(Role.APPLICANT_OPERATOR, organization=unit())
    browser = acting(signatory)

    assert browser.post(f"/unit/members/{stranger.id}/remove").status_code == 422
    assert browser.post(f"/unit/members/{stranger.id}/roles").status_code == 422
    assert roles(session, stranger) == {Role.APPLICANT_OPERATOR}


def test_a_member_who_is_let_go_keeps_nothing_but_his_account(session, signatory, operator, acting):
    own, browser = acting(operator), acting(signatory)

    answer = browser.post(f"/unit/members/{operator.id}/remove")
    again = browser.post(f"/unit/members/{operator.id}/remove")

    assert (answer.status_code, again.status_code) == (302, 422)
    session.expire_all()
    assert session.get_one(User, operator.id).organization_id is None
    assert roles(session, operator) == set()
    assert own.get("/unit").location.startswith("/login")


def test_another_signatory_is_not_let_go_but_replaced_by_the_office(make, signatory, acting):
    other = make.user(Role.APPLICANT_SIGNATORY, organization=signatory.organization)

    answer = acting(signatory).post(f"/unit/members/{other.id}/remove")

    assert answer.status_code == 422
    assert "签署人须由秘书处核验更换" in text(answer)
