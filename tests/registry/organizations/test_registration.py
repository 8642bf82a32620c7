"""How units and their people come: registration, joining, correcting what was typed."""

import pytest
from sqlalchemy import select

from catalog.demo.units import credit_code
from registry import taxonomy
from registry.models import (
    NodeKind,
    Organization,
    Role,
    RoleGrant,
    UnitRequest,
    UnitRequestKind,
    UnitRequestState,
    User,
)
from tests.factories import PASSWORD

CODE = credit_code(71_001)
FORM = {
    "name": "示例登记测试有限公司", "credit_code": CODE, "district": "310115", "special_area": "",
    "legal_representative": "示例甲", "short_name": "", "display_name": "示例乙", "mobile": "13800000001",
    "email": "", "username": "yi.shili", "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip


def text(response):
    return response.get_data(as_text=True)


def person(session, username):
    session.expire_all()
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def roles(session, user):
    query = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.revoked_at.is_(None))
    return set(session.scalars(query))


@pytest.fixture
def form(session):
    """Return a registration form with a district of the scheme in force."""
    code = next(iter(taxonomy.labels(session, NodeKind.DISTRICT).by_code))
    return lambda **values: FORM | {"district": code} | values


def test_the_first_person_becomes_operator_of_an_unverified_unit(client, session, form):
    answer = client.post("/register", data=form())

    assert answer.location == "/login?next=/unit"
    user = person(session, "yi.shili")
    unit = session.get_one(Organization, user.organization_id)
    assert (unit.name, unit.credit_code, unit.verified_at) == (FORM["name"], CODE, None)
    assert roles(session, user) == {Role.APPLICANT_OPERATOR}


@pytest.mark.parametrize("login", ["yi.shili", "13800000001", "yi@example.org"])
def test_one_logs_in_with_user_name_mobile_or_address(client, form, login):
    client.post("/register", data=form(email="Yi@example.org"))

    assert client.post("/login", data={"login": login, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"credit_code": "91350100M000100Y4Z"}, "统一社会信用代码：由数字和大写字母组成"),
        ({"name": "  "}, "单位名称：必填。"),
        ({"mobile": "12345"}, "手机号：应为 11 位数字"),
        ({"username": "一"}, "用户名：3 至 60 位"),
        ({"email": "not an address"}, "电子邮箱：格式不正确"),
        ({"password": "short", "again": "short"}, "密码：长度应为 12 至 200 个字符。"),
        ({"again": "another"}, "再输入一次：两次输入的密码不一致。"),
    ],
)
def test_a_registration_that_breaks_a_rule_names_it_and_keeps_what_was_typed(
    client, session, form, wrong, sentence
):
    answer = client.post("/register", data=form(**wrong))

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="示例乙"' in text(answer)
    assert PASSWORD not in text(answer)
    assert person(session, "yi.shili") is None


def test_every_fault_is_told_at_once(client, form):
    answer = client.post(
        "/register", data=form(credit_code="9", mobile="1", email="x", username="一", again="another")
    )

    told = text(answer).partition("error-summary")[2].partition("</ul>")[0]
    assert told.count("<li>") == 5


def test_who_waits_to_be_let_in_reads_so_at_home(client, session, make, form):
    unit = make.organization(credit_code=CODE)
    make.user(Role.APPLICANT_SIGNATORY, organization=unit)
    session.commit()

    client.post("/register", data=form())
    client.post("/login", data={"login": "yi.shili", "password": PASSWORD})

    assert "申请加入单位的" in text(client.get("/home"))


@pytest.mark.parametrize("taken", ["username", "mobile"])
def test_what_another_account_has_is_refused(client, form, taken):
    client.post("/register", data=form())
    others = {"username": "bing.shili", "mobile": "13800000002"} | {taken: FORM[taken]}

    answer = client.post("/register", data=form(credit_code=credit_code(71_002), **others))

    assert "已被使用。" in text(answer)


def test_a_unit_without_members_is_taken_over_as_it_is_recorded(client, session, make, form):
    known = make.organization(name="示例已有记录有限公司", credit_code=CODE)
    session.commit()

    client.post("/register", data=form())

    assert person(session, "yi.shili").organization_id == known.id
    assert known.name == "示例已有记录有限公司"


def test_a_later_person_asks_to_join_and_has_nothing_until_the_signatory_agrees(
    client, session, make, unit, acting, form
):
    organization = unit(credit_code=CODE)
    signatory = make.user(Role.APPLICANT_SIGNATORY, organization=organization)
    session.commit()

    client.post("/register", data=form())

    user = person(session, "yi.shili")
    assert (user.organization_id, roles(session, user)) == (None, set())
    request = session.scalars(select(UnitRequest)).one()
    browser = acting(signatory)
    assert "示例乙" in text(browser.get("/unit"))
    assert "有人申请加入本单位" in text(browser.get("/home"))
    done = browser.post(
        f"/unit/requests/{request.id}/answer", data={"version": request.version_id, "answer": "approve"}
    )
    assert done.location == "/unit"
    user = person(session, "yi.shili")
    assert (user.organization_id, roles(session, user)) == (organization.id, {Role.APPLICANT_OPERATOR})


def test_the_office_lets_in_where_a_unit_has_no_signatory_yet_and_only_there(
    session, make, unit, acting, office, form, client
):
    organization = unit(credit_code=CODE, verified=False)
    make.user(Role.APPLICANT_OPERATOR, organization=organization)
    session.commit()
    client.post("/register", data=form())
    assert "加入单位" in text(office.get("/office/units"))

    make.user(Role.APPLICANT_SIGNATORY, organization=organization)
    session.commit()

    assert "加入单位" not in text(office.get("/office/units"))
    request = session.scalars(select(UnitRequest)).one()
    refused = office.post(
        f"/office/units/requests/{request.id}", data={"version": request.version_id, "answer": "approve"}
    )
    assert refused.status_code == 403


def test_joining_is_for_accounts_that_work_for_nobody(session, make, unit, acting, office, answer):
    organization = unit(verified=False)
    make.user(Role.APPLICANT_OPERATOR, organization=organization)
    expert = acting(make.user(Role.EXPERT))
    assert expert.post("/unit/join", data={"credit_code": organization.credit_code}).status_code == 302

    refused = answer(office)

    assert refused.status_code == 422
    assert "承担公务、评审角色的账号不能加入申报单位" in text(refused)


def test_a_second_wish_to_join_and_an_unknown_unit_are_refused_with_what_was_typed(
    session, make, unit, acting
):
    organization = unit()
    make.user(Role.APPLICANT_SIGNATORY, organization=organization)
    browser = acting(make.user())
    browser.post("/unit/join", data={"credit_code": organization.credit_code})

    second = browser.post("/unit/join", data={"credit_code": organization.credit_code})
    unknown = browser.post("/unit/join", data={"credit_code": CODE})

    assert second.status_code == unknown.status_code == 422
    assert "已有一项相同的申请待办理" in text(second)
    assert "没有以此代码注册的单位" in text(unknown)
    assert f'value="{CODE}"' in text(unknown)
    assert session.scalars(select(UnitRequest.state)).all() == [UnitRequestState.FILED]


def test_a_person_takes_his_wish_to_join_back(session, make, unit, acting, latest):
    organization = unit()
    make.user(Role.APPLICANT_SIGNATORY, organization=organization)
    browser = acting(make.user())
    browser.post("/unit/join", data={"credit_code": organization.credit_code})
    request = latest()
    assert request.kind is UnitRequestKind.MEMBERSHIP

    browser.post(f"/unit/requests/{request.id}/withdraw", data={"version": request.version_id})

    assert latest().state is UnitRequestState.WITHDRAWN


def test_an_address_that_registers_without_end_is_held_off(client, form):
    for _ in range(50):
        client.post("/register", data=form(password="short", again="short"))

    answer = client.post("/register", data=form())

    assert answer.status_code == 429
    assert "操作过于频繁" in text(answer)


def test_name_and_code_are_corrected_until_the_unit_is_verified(session, make, unit, acting, form):
    organization = unit(verified=False)
    browser = acting(make.user(Role.APPLICANT_OPERATOR, organization=organization))

    browser.post("/unit/edit", data=form(name="示例更正有限公司"))
    session.expire_all()
    assert (organization.name, organization.credit_code) == ("示例更正有限公司", CODE)

    organization.verified_at = organization.created_at
    session.commit()
    browser.post("/unit/edit", data=form(name="示例再改有限公司", legal_representative="示例丙"))
    session.expire_all()
    assert (organization.name, organization.legal_representative) == ("示例更正有限公司", "示例丙")


def test_a_code_of_another_unit_is_refused_when_correcting(make, unit, acting, form):
    other = unit()
    browser = acting(make.user(Role.APPLICANT_OPERATOR, organization=unit(verified=False)))

    answer = browser.post("/unit/edit", data=form(credit_code=other.credit_code))

    assert answer.status_code == 422
    assert "已有单位以此代码注册" in text(answer)
