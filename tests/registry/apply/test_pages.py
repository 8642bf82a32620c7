"""The applicant's lists and pages: what stands there, and for whom."""

import re

import pytest

from registry import clock
from registry.models import Role, RoundState, State
from tests.factories import log_in
from tests.registry.apply.reading import at, form_of, text


def test_a_draft_is_begun_and_filled_in(client, session, make, signatory):
    call = make.round()
    session.commit()
    assert call.title in text(client.get("/apply/"))

    begun = client.post(f"/apply/rounds/{call.id}", data={"list": "CX", "product_name": "示例机床"})
    assert re.fullmatch(r"/apply/applications/\d+/edit/A", begun.location)
    page = client.get(begun.location)
    assert "严禁填写、上传涉密信息" in text(page)
    saved = client.post(begun.location, data={**form_of(page), "employees": "许多", "then": "next"})

    assert saved.location.endswith("/edit/B")
    again = client.get(begun.location)
    assert "职工人数：应为数字，不写单位。" in text(again)
    assert form_of(again)["employees"] == "许多"


def test_a_new_draft_takes_the_unit_s_block_from_the_latest(client, session, draft):
    begun = client.post(f"/apply/rounds/{draft.round_id}", data={"list": "TZ", "product_name": "示例机床"})

    page = form_of(client.get(begun.location))
    assert (page["employees"], page["contact_name"]) == ("120", "示例乙")
    assert form_of(client.get(begun.location.replace("/A", "/B")))["summary"] == ""


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"product_name": "示例机床"}, "申报名单：请选择。"),
        ({"list": "XX", "product_name": "示例机床"}, "申报名单：请选择。"),
        ({"list": "CX", "product_name": " "}, "产品名称：必填。"),
        ({"list": "TZ", "product_name": "示例机床"}, "不受理首台（套）装备。"),
    ],
)
def test_a_draft_is_refused_with_a_sentence_and_keeps_the_name(
    client, session, make, signatory, typed, sentence
):
    call = make.round(lists=["CX", "PC"])
    session.commit()

    answer = client.post(f"/apply/rounds/{call.id}", data=typed)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert f'value="{typed["product_name"]}"' in text(answer)


def test_a_draft_is_refused_in_a_round_that_is_not_open(client, session, make, signatory):
    call = make.round(state=RoundState.CLOSED)
    session.commit()

    answer = client.post(f"/apply/rounds/{call.id}", data={"list": "CX", "product_name": "示例机床"})

    assert answer.status_code == 422
    assert "现在不接收申报" in text(answer)


def test_a_draft_is_refused_without_a_unit(client, session, make):
    call, user = make.round(), make.user(Role.APPLICANT_OPERATOR)
    session.commit()
    log_in(client, user)

    answer = client.post(f"/apply/rounds/{call.id}", data={"list": "CX", "product_name": "示例机床"})

    assert "还没有所属单位" in text(answer)
    assert "还没有所属单位" in text(client.get("/apply/"))


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_page(client, session, make, signatory, state):
    application = make.application(organization=signatory.organization, state=state)
    session.commit()

    assert client.get(at(application)).status_code == 200


@pytest.mark.parametrize(
    "state", [State.PANEL_READY, State.UNDER_REVIEW, State.SCORED, State.COMMITTEE_PENDING]
)
def test_an_applicant_sees_neither_score_nor_who_reviews(client, session, make, signatory, state):
    application = make.application(
        organization=signatory.organization, state=state, official_score=87_654, recommend_share=777
    )
    session.commit()

    page = text(client.get(at(application)))

    assert ("评审中" in page) or ("审议中" in page)
    main = page.partition("<main")[2].partition("</main>")[0]
    told = re.sub(r'(?:href|action)="[^"]*"', "", main)  # addresses hold ids, which may be any number
    assert not re.search(r"87\.6|87654|77\.7|\b777\b|得分|专家|panel|score", told)


def test_another_unit_s_application_is_not_there(client, session, make, signatory):
    application = make.application()
    session.commit()

    for address in (
        at(application),
        at(application, "edit/A"),
        at(application, "submit"),
        at(application, "withdraw"),
    ):
        assert client.get(address).status_code == 404
    for address in (at(application, "edit/A"), at(application, "submit"), at(application, "return")):
        assert client.post(address, data={"version": 1, "seen": ""}).status_code == 404


@pytest.mark.parametrize("role", [Role.FORMAL_REVIEWER, Role.EXPERT, Role.SYS_ADMIN, Role.BUYER_OPERATOR])
def test_the_applicant_s_pages_are_nobody_else_s(client, session, make, role):
    application, user = make.application(), make.user(role)
    session.commit()
    log_in(client, user)

    assert client.get("/apply/").status_code == 403
    assert client.get(at(application)).status_code == 403
    assert client.post(at(application, "submit"), data={}).status_code == 403


def test_the_list_needs_the_same_queries_for_one_and_for_three(client, session, make, signatory, queries):
    def listed():
        with queries() as sent:
            assert client.get("/apply/").status_code == 200
        return len(sent)

    make.application(organization=signatory.organization)
    session.commit()
    one = listed()
    for state in (State.DRAFT, State.LISTED):
        make.application(organization=signatory.organization, state=state)
    session.commit()

    assert listed() == one


def test_the_desk_says_what_waits_and_until_when(client, session, draft, colleague):
    closes = clock.day_of(draft.round.closes_at)
    due = f"{closes.year}年{closes.month}月{closes.day}日前"

    assert "签署承诺并提交申报书" in text(client.get("/home"))
    assert due in text(client.get("/home"))
    assert "签署承诺并提交申报书" not in text(colleague.get("/home"))
    colleague.post(at(draft, "edit/A"), data={**form_of(client.get(at(draft, "edit/A"))), "employees": ""})
    assert "填写申报书" in text(colleague.get("/home"))
