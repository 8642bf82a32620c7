"""What units ask, driven over HTTP by who asks and who decides; each guard with what it refuses."""

from datetime import date

import pytest
from sqlalchemy import select

from registry import clock
from registry.models import (
    InboxMessage,
    OutboxMessage,
    PublicationScope,
    Role,
    RoleGrant,
    UnitRequest,
    UnitRequestKind,
    UnitRequestState,
    User,
)
from tests.factories import log_in


def text(response):
    return response.get_data(as_text=True)


def roles(session, user):
    query = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.revoked_at.is_(None))
    return set(session.scalars(query))


@pytest.fixture
def operator(make, unit):
    """Return an operator of a verified unit."""
    return make.user(Role.APPLICANT_OPERATOR, organization=unit(), display_name="示例经办")


@pytest.fixture
def newcomer(make, unit):
    """Return an operator of a unit that nobody verified yet."""
    return make.user(Role.APPLICANT_OPERATOR, organization=unit(verified=False), display_name="示例经办")


# --- verification and the signatory -------------------------------------------------------------------------------


def test_a_unit_is_verified_by_its_letter_and_gets_the_signatory_it_names(
    session, newcomer, acting, office, letter, answer, latest, trailed
):
    browser = acting(newcomer)
    assert "上传授权书，申请单位核验" in text(browser.get("/home"))

    filed = browser.post("/unit/requests/verification", data={"signatory": newcomer.id, "letter": letter()})

    assert filed.location == "/unit"
    assert "授权书已提交，待秘书处办理" in text(browser.get("/unit"))
    assert "单位的申请待办理" in text(office.get("/home"))
    page = office.get(f"/office/units/requests/{latest().id}")
    assert "格式和校验位相符" in text(page)
    assert office.get(f"/attachments/{latest().attachment_id}").status_code == 200
    assert answer(office).location == "/office/units"
    assert latest().state is UnitRequestState.APPROVED
    session.refresh(newcomer.organization)
    assert newcomer.organization.verified_at is not None
    assert roles(session, newcomer) == {Role.APPLICANT_OPERATOR, Role.APPLICANT_SIGNATORY}
    assert trailed()[-2:] == ["unit_request.approved", "role.grant"]


def test_the_outcome_is_told_in_the_inbox_and_by_letter(session, newcomer, acting, office, letter, answer):
    newcomer.email = "operator@example.org"
    browser = acting(newcomer)
    browser.post("/unit/requests/verification", data={"signatory": newcomer.id, "letter": letter()})

    answer(office, "refuse", reason="授权书没有盖章")

    message = session.scalars(select(InboxMessage)).one()
    assert (message.user_id, message.subject) == (newcomer.id, "申请未同意：单位核验")
    assert "授权书没有盖章" in message.body
    assert "LetterWritten" in set(session.scalars(select(OutboxMessage.event)))
    assert "授权书没有盖章" in text(browser.get("/unit"))


def test_a_letter_must_be_there_and_be_what_it_says_and_the_rest_is_kept(newcomer, acting, letter):
    browser = acting(newcomer)

    missing = browser.post("/unit/requests/verification", data={"signatory": newcomer.id})
    lying = browser.post(
        "/unit/requests/verification",
        data={"signatory": newcomer.id, "letter": letter("授权书.pdf", b"MZ\x90")},
    )

    assert missing.status_code == lying.status_code == 422
    assert "证明文件：必须上传。" in text(missing)
    assert "附件“授权书.pdf”：文件内容不是 pdf 格式" in text(lying)
    assert f'<option selected value="{newcomer.id}">' in text(lying)


def test_a_letter_larger_than_a_plain_form_is_taken(newcomer, acting, latest):
    # written by hand: the test client leaves its own temporary file open
    body = (
        f'--x\r\nContent-Disposition: form-data; name="signatory"\r\n\r\n{newcomer.id}\r\n--x\r\n'
        'Content-Disposition: form-data; name="letter"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'
    ).encode() + bytes(3 * 1024 * 1024) + b"\r\n--x--\r\n"  # fmt: skip

    acting(newcomer).post(
        "/unit/requests/verification", data=body, content_type="multipart/form-data; boundary=x"
    )

    assert latest().kind is UnitRequestKind.VERIFICATION


def test_more_than_one_request_may_carry_is_refused_in_a_sentence(newcomer, acting):
    answer = acting(newcomer).post(
        "/unit/requests/verification",
        data=b"x" * (65 * 1024 * 1024),
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 413
    assert "提交的内容过大" in text(answer)


def test_a_signatory_outside_the_unit_is_refused(make, newcomer, acting, letter):
    stranger = make.user(Role.APPLICANT_SIGNATORY)

    answer = acting(newcomer).post(
        "/unit/requests/verification", data={"signatory": stranger.id, "letter": letter()}
    )

    assert answer.status_code == 422


def test_a_signatory_is_replaced_by_a_letter(session, make, operator, acting, office, letter, answer):
    former = make.user(Role.APPLICANT_SIGNATORY, organization=operator.organization)

    acting(operator).post("/unit/requests/signatory", data={"signatory": operator.id, "letter": letter()})
    answer(office)

    assert Role.APPLICANT_SIGNATORY in roles(session, operator)
    assert roles(session, former) == set()


def test_one_who_signs_already_is_no_replacement(make, operator, acting, letter):
    signatory = make.user(Role.APPLICANT_SIGNATORY, organization=operator.organization)

    answer = acting(operator).post(
        "/unit/requests/signatory", data={"signatory": signatory.id, "letter": letter()}
    )

    assert "签署人：该成员已是签署人。" in text(answer)


# --- name, products, duplicates -----------------------------------------------------------------------------------


def test_a_renamed_unit_is_found_under_both_names(session, operator, acting, office, letter, answer):
    former = operator.organization.name
    data = {"name": "示例更名以后有限公司", "changed_on": "2026-03-02", "letter": letter("证明.pdf")}

    acting(operator).post("/unit/requests/rename", data=data)
    answer(office)

    session.refresh(operator.organization)
    assert operator.organization.name == "示例更名以后有限公司"
    for name in (former, "示例更名以后有限公司"):
        assert "示例更名以后有限公司" in text(office.get("/office/units/all", query_string={"q": name}))
    assert former in text(office.get(f"/office/units/{operator.organization_id}"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "新名称：必填。"),
        ({"name": "示例单位"}, "新名称：与现名称相同。"),
        ({"changed_on": "2026年3月"}, "变更日期：请写成 2026-03-01 这样的日期。"),
        ({"changed_on": "2999-01-01"}, "变更日期：不得晚于今天。"),
    ],
)
def test_a_change_of_name_that_breaks_a_rule_is_refused(make, unit, acting, letter, values, sentence):
    member = make.user(Role.APPLICANT_OPERATOR, organization=unit(name="示例单位"))
    data = {"name": "示例新名", "changed_on": "2026-03-02", "letter": letter()} | values

    answer = acting(member).post("/unit/requests/rename", data=data)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_an_imported_product_is_claimed(session, make, operator, acting, office, answer, trailed):
    entry = make.entry(name="示例认领产品", organization_name=operator.organization.name)
    browser = acting(operator)
    assert entry.code in text(browser.get("/unit/requests/claim"))

    browser.post("/unit/requests/claim", data={"code": entry.code.lower()})
    page = answer(office, "look")
    assert page.status_code == 422  # neither yes nor a reason
    answer(office)

    session.refresh(entry)
    assert entry.organization_id == operator.organization_id
    assert "entry.claim" in trailed()


def test_a_claim_compares_what_was_published_with_the_unit(make, operator, acting, office, latest):
    entry = make.entry(organization_name="示例别的单位有限公司")
    acting(operator).post("/unit/requests/claim", data={"code": entry.code})

    page = text(office.get(f"/office/units/requests/{latest().id}"))

    assert "发布时的申报单位是“示例别的单位有限公司”，与本单位的现名称或者曾用名称不同。" in page


@pytest.mark.parametrize("scope", [PublicationScope.VERIFIED_BUYERS, PublicationScope.NOT_PUBLISHED])
def test_a_claim_does_not_tell_whether_an_entry_that_is_not_public_exists(make, operator, acting, scope):
    hidden_code = make.entry(scope=scope).code
    browser = acting(operator)

    hidden = browser.post("/unit/requests/claim", data={"code": hidden_code})
    absent = browser.post("/unit/requests/claim", data={"code": "P999999"})

    assert hidden.status_code == absent.status_code == 422
    assert text(hidden).replace(f'"{hidden_code}"', '"P999999"') == text(absent)


def test_a_product_claimed_meanwhile_by_another_is_not_given_twice(
    session, make, unit, operator, acting, office, answer, latest
):
    entry = make.entry()
    acting(operator).post("/unit/requests/claim", data={"code": entry.code})
    entry.organization_id = unit().id
    session.commit()

    refused = answer(office)

    assert refused.status_code == 422
    assert "已由其他单位认领" in text(refused)
    assert latest().state is UnitRequestState.FILED


def test_a_second_record_of_a_unit_is_merged_by_two_officers(
    session, make, unit, operator, acting, office, answer, latest
):
    other = unit(verified=False, credit_code=None, name="示例重复登记有限公司")
    member = make.user(Role.APPLICANT_SIGNATORY, organization=other)
    entry = make.entry()
    entry.organization_id = other.id
    session.commit()

    office.post(f"/office/units/{operator.organization_id}", data={"other": "示例重复登记有限公司"})
    own = answer(office)
    second = answer(acting(make.user(Role.SECRETARIAT_LEAD)))

    assert own.status_code == 403
    assert "不能办理自己提出的申请" in text(own)
    assert second.status_code == 302
    session.refresh(entry)
    session.refresh(member)
    assert entry.organization_id == member.organization_id == operator.organization_id
    assert roles(session, member) == {Role.APPLICANT_OPERATOR}
    assert "已并入" in text(office.get(f"/office/units/{other.id}"))


# --- who, when, twice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["signatory", "rename", "claim", "buyer"])
def test_an_unverified_unit_is_told_to_be_verified_first(make, newcomer, acting, letter, kind):
    values = {
        "signatory": newcomer.id, "name": "示例新名", "changed_on": "2026-03-02", "code": make.entry().code,
        "nature": "city_soe", "approver": newcomer.id, "letter": letter(),
    }  # fmt: skip

    answer = acting(newcomer).post(f"/unit/requests/{kind}", data=values)

    assert answer.status_code == 422
    assert "单位尚未核验，请先申请单位核验。" in text(answer)


def test_a_verified_unit_is_not_verified_again(operator, acting, letter):
    answer = acting(operator).post(
        "/unit/requests/verification", data={"signatory": operator.id, "letter": letter()}
    )

    assert "单位已核验，无需再次申请。" in text(answer)


def test_a_second_click_on_filing_makes_no_second_request(session, make, operator, acting):
    entry, browser = make.entry(), acting(operator)
    browser.post("/unit/requests/claim", data={"code": entry.code})

    second = browser.post("/unit/requests/claim", data={"code": entry.code})

    assert second.status_code == 422
    assert "已有一项相同的申请待办理，请勿重复提交。" in text(second)
    assert len(session.scalars(select(UnitRequest)).all()) == 1


def test_a_second_click_on_approving_changes_nothing(make, operator, acting, office, answer, latest):
    acting(operator).post("/unit/requests/claim", data={"code": make.entry().code})
    version = latest().version_id
    answer(office)

    second = answer(office, version=version)
    other = answer(office, "refuse", reason="示例理由", version=version)

    assert second.status_code == other.status_code == 409
    assert "这项申请已同意" in text(second)
    assert latest().state is UnitRequestState.APPROVED


def test_a_page_that_is_old_decides_nothing(make, operator, acting, office, answer, latest):
    acting(operator).post("/unit/requests/claim", data={"code": make.entry().code})

    stale = answer(office, version=latest().version_id + 1)

    assert stale.status_code == 409
    assert latest().state is UnitRequestState.FILED


def test_a_refusal_needs_its_reason(make, operator, acting, office, answer, latest):
    acting(operator).post("/unit/requests/claim", data={"code": make.entry().code})

    bare = answer(office, "refuse", reason="  ")

    assert bare.status_code == 422
    assert "理由：必填。" in text(bare)
    assert latest().state is UnitRequestState.FILED


def test_a_request_is_taken_back_by_its_unit_only(make, operator, acting, latest):
    entry = make.entry()
    acting(operator).post("/unit/requests/claim", data={"code": entry.code})
    request = latest()
    data = {"version": request.version_id}
    stranger = acting(make.user(Role.APPLICANT_OPERATOR, organization=make.organization()))
    colleague = acting(make.user(Role.APPLICANT_SIGNATORY, organization=operator.organization))

    refused = stranger.post(f"/unit/requests/{request.id}/withdraw", data=data)
    colleague.post(f"/unit/requests/{request.id}/withdraw", data=data)
    again = colleague.post(f"/unit/requests/{request.id}/withdraw", data=data)

    assert (refused.status_code, again.status_code) == (403, 409)
    assert latest().state is UnitRequestState.WITHDRAWN


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.FORMAL_REVIEWER, Role.SECRETARIAT_LEAD)]
)
def test_only_the_office_decides(make, operator, acting, answer, latest, role):
    acting(operator).post("/unit/requests/claim", data={"code": make.entry().code})

    refused = answer(acting(make.user(role)))

    assert refused.status_code == 403
    assert latest().state is UnitRequestState.FILED


def test_a_visitor_who_asks_is_sent_to_log_in(client):
    assert client.get("/unit").location.startswith("/login")
    assert client.get("/office/units").location.startswith("/login")


def test_an_account_without_a_unit_is_led_to_joining_one(make, acting):
    assert acting(make.user()).get("/unit").location == "/unit/join"


@pytest.mark.parametrize(
    "address", ["/unit/requests/membership", "/unit/requests/nothing", "/office/units/0"]
)
def test_an_address_of_nothing_is_not_found(make, operator, acting, address):
    browser = acting(
        make.user(Role.FORMAL_REVIEWER, Role.APPLICANT_OPERATOR, organization=operator.organization)
    )

    assert browser.get(address).status_code == 404


def test_the_office_is_told_until_when_in_working_days(make, operator, acting, office):
    with clock.standing_at(date(2026, 9, 30)):  # before the seven days of the National Day
        log_in(office, make.user(Role.FORMAL_REVIEWER))
        browser = acting(operator)
        browser.post("/unit/requests/claim", data={"code": make.entry().code})

        assert "2026年10月13日" in text(office.get("/office/units"))


# --- lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["waiting", "decided"])
def test_the_queue_needs_as_many_queries_for_three_rows_as_for_one(
    session, make, unit, office, queries, shown
):
    state = UnitRequestState.FILED if shown == "waiting" else UnitRequestState.WITHDRAWN

    def file():
        member = make.user(Role.APPLICANT_OPERATOR, organization=unit())
        session.add(
            UnitRequest(
                organization_id=member.organization_id, kind=UnitRequestKind.CLAIM, subject="P1", state=state,
                detail={"product": "示例产品", "code": "P1"}, filed_by_id=member.id, filed_at=clock.now(),
            )
        )  # fmt: skip
        session.commit()

    file()
    with queries() as one:
        office.get(f"/office/units?shown={shown}")
    file()
    file()
    with queries() as three:
        page = office.get(f"/office/units?shown={shown}")

    assert text(page).count("示例产品（P1）") == 3
    assert len(three) == len(one)


def test_the_list_of_units_needs_as_many_queries_for_three_rows_as_for_one(session, unit, office, queries):
    unit(name="示例列表一有限公司")
    session.commit()
    with queries() as one:
        office.get("/office/units/all?q=示例列表")
    unit(name="示例列表二有限公司")
    unit(name="示例列表三有限公司")
    session.commit()
    with queries() as three:
        page = office.get("/office/units/all?q=示例列表")

    assert text(page).count("示例列表") == 4  # three rows and the field
    assert len(three) == len(one)


def test_the_own_unit_s_page_needs_as_many_queries_for_three_members_as_for_one(
    session, make, operator, acting, queries
):
    browser = acting(operator)
    with queries() as one:
        browser.get("/unit")
    for _ in range(2):
        make.user(Role.APPLICANT_OPERATOR, organization=operator.organization)
    session.commit()
    with queries() as three:
        browser.get("/unit")

    assert session.scalars(select(User).where(User.organization_id == operator.organization_id)).all()[2:]
    assert len(three) == len(one)
