"""The policy pages over HTTP: what stands, what is proposed, who confirms."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from registry import clock, policy
from registry.models import CalendarOverride, PolicyProposal, ProposalState, Role
from registry.presentation import column
from tests.factories import log_in_as

TODAY = date(2026, 11, 21)
PAGE = "/office/policy/notice.working_days"
CHANGE = {
    "value": "7",
    "effective_from": "2027-01-01",
    "basis_document": "示例文件",
    "source_note": "示例说明",
}
DAYS = {
    **CHANGE,
    "days": "2027-02-20 上班 春节调休\r\n\r\n2027-02-11 休息 春节",
    "effective_from": "2026-11-21",
}


def text(response):
    return response.get_data(as_text=True)


@pytest.fixture(autouse=True)
def november():
    with clock.standing_at(TODAY):
        yield


@pytest.fixture
def proposer(client, session, make):
    return log_in_as(client, session, make, Role.PUBLISHER)


@pytest.fixture
def lead(app, session, make):
    """Return the browser of somebody who confirms."""
    browser = app.test_client()
    log_in_as(browser, session, make, Role.SECRETARIAT_LEAD)
    return browser


def test_every_parameter_in_force_stands_on_the_page_with_its_basis(client, session, proposer):
    page = BeautifulSoup(text(client.get("/office/policy")), "html.parser")

    shown = {code.get_text() for code in page.select("tbody th code")}
    assert shown == {row.key for row in policy.in_force(session)}
    row = page.find("code", string="notice.working_days").find_parent("tr")
    assert "上海市公示惯例" in row.get_text()
    assert "暂定" not in row.get_text()
    assert "暂定" in page.find("code", string="entry.validity_years").find_parent("tr").get_text()


def test_every_column_of_a_parameter_and_of_the_calendar_has_a_name():
    def keys(value):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        yield from value if isinstance(value, dict) else ()
        for part in parts:
            yield from keys(part)

    shipped = {key for row in policy.shipped().values() for key in keys(row["value"])}
    shown = shipped | {"day", "is_working", "note"}  # the last three are a day of the calendar

    assert {key for key in shown if key.isascii() and column(key) == key} == set()


def test_every_parameter_has_its_page(client, session, proposer):
    for row in policy.in_force(session):
        assert client.get(f"/office/policy/{row.key}").status_code == 200, row.key


def test_a_change_is_proposed_by_one_seen_with_its_difference_and_confirmed_by_another(
    client, session, proposer, lead
):
    assert client.post(PAGE, data=CHANGE).status_code == 302
    assert "参数变更" in text(lead.get("/home"))
    waiting = BeautifulSoup(text(lead.get("/office/policy")), "html.parser").select_one(
        f"main p a[href='{PAGE}']"
    )
    assert waiting.get_text() not in ("", PAGE.rpartition("/")[2])  # its name, not its key

    page = BeautifulSoup(text(lead.get(PAGE)), "html.parser")
    box = page.find("section", attrs={"aria-labelledby": "proposal"})
    assert [cell.get_text(strip=True) for cell in box.select("tbody tr > *")] == ["取值", "5", "7"]
    assert "示例文件" in box.get_text()
    assert lead.post(box.find("form")["action"]).status_code == 302

    assert policy.value(session, "notice.working_days", on=date(2027, 1, 1)) == 7
    assert "参数变更" not in text(lead.get("/home"))
    assert "2027年1月1日" in text(client.get("/office/policy"))


def test_who_proposed_has_no_button_and_is_refused(app, client, session, make):
    log_in_as(client, session, make, Role.SECRETARIAT_LEAD)
    client.post(PAGE, data=CHANGE)
    proposal = session.scalars(select(PolicyProposal)).one()

    assert "须由另一位秘书处负责人确认" in text(client.get(PAGE))
    answer = client.post(f"/office/policy/proposals/{proposal.id}/confirm")

    assert answer.status_code == 403
    assert "提出人不得确认" in text(answer)


def test_a_second_click_on_confirming_is_refused_in_words(client, session, proposer, lead):
    client.post(PAGE, data=CHANGE)
    proposal = session.scalars(select(PolicyProposal)).one()
    lead.post(f"/office/policy/proposals/{proposal.id}/confirm")

    answer = lead.post(f"/office/policy/proposals/{proposal.id}/confirm")

    assert answer.status_code == 409
    assert "这项变更提议已经办结" in text(answer)


def test_a_declined_change_stays_on_the_page_with_its_reason(client, session, proposer, lead):
    client.post(PAGE, data=CHANGE)
    proposal = session.scalars(select(PolicyProposal)).one()
    assert (
        lead.post(f"/office/policy/proposals/{proposal.id}/decline", data={"reason": ""}).status_code == 422
    )

    lead.post(f"/office/policy/proposals/{proposal.id}/decline", data={"reason": "依据不足"})

    session.refresh(proposal)
    assert proposal.state is ProposalState.DECLINED
    assert "依据不足" in text(client.get(PAGE))


@pytest.mark.parametrize(
    "role", [Role.FORMAL_REVIEWER, Role.PUBLISHER, Role.AUDIT_ADMIN, Role.DISCIPLINE_OBSERVER]
)
def test_nobody_but_a_lead_decides(app, client, session, make, proposer, role):
    client.post(PAGE, data=CHANGE)
    proposal = session.scalars(select(PolicyProposal)).one()
    other = app.test_client()
    log_in_as(other, session, make, role)

    for act in ("confirm", "decline"):
        assert (
            other.post(f"/office/policy/proposals/{proposal.id}/{act}", data={"reason": "x"}).status_code
            == 403
        )
    assert session.scalars(select(PolicyProposal.state)).one() is ProposalState.PROPOSED


@pytest.mark.parametrize("role", [Role.AUDIT_ADMIN, Role.DISCIPLINE_OBSERVER])
def test_who_only_looks_has_no_form_and_proposes_nothing(client, session, make, role):
    log_in_as(client, session, make, role)

    assert "提出变更，等待另一人确认" not in text(client.get(PAGE))
    assert client.post(PAGE, data=CHANGE).status_code == 403
    assert session.scalars(select(PolicyProposal)).all() == []


@pytest.mark.parametrize("role", [Role.APPLICANT_SIGNATORY, Role.EXPERT, Role.SYS_ADMIN])
def test_policy_is_no_business_of_others(client, session, make, role):
    log_in_as(client, session, make, role)

    assert {client.get(address).status_code for address in ("/office/policy", PAGE)} == {403}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"value": ""}, "新的取值：必填。"),
        ({"value": "七天"}, "新的取值：第 1 行第 1 个字符处不合写法"),
        ({"value": "7.5"}, "新的取值：不写小数（7.5）"),
        ({"value": '"7"'}, "取值：应为整数。"),
        ({"effective_from": "明年"}, "生效日期：请写成 2026-03-01 这样的日期。"),
        ({"effective_from": "2026-11-20"}, "生效日期：不得早于今天"),
        ({"basis_document": ""}, "依据文件：必填。"),
    ],
)
def test_a_wrong_entry_is_named_and_what_was_typed_is_kept(client, session, proposer, typed, sentence):
    answer = client.post(PAGE, data={**CHANGE, **typed})

    page = BeautifulSoup(text(answer), "html.parser")
    assert answer.status_code == 422
    assert sentence in page.find(class_="error-summary").get_text()
    assert page.find(id="source_note").get_text().strip() == "示例说明"
    for name, value in typed.items():
        field = page.find(id=name)
        assert (field.get("value") or field.get_text().strip()) == value
    assert session.scalars(select(PolicyProposal)).all() == []


def test_a_table_is_changed_as_it_is_shown(client, session, proposer, lead):
    page = BeautifulSoup(text(client.get("/office/policy/committee.units")), "html.parser")
    shown = page.find(id="value").get_text().strip()
    assert shown.splitlines()[1] == '  {"unit": "市经济信息化委", "lead": true, "remit": ""},'

    changed = shown.replace("市科创办", "示例单位")
    client.post("/office/policy/committee.units", data={**CHANGE, "value": changed})
    proposal = session.scalars(select(PolicyProposal)).one()
    assert '<td data-label="新值">示例单位' in text(lead.get("/office/policy/committee.units"))
    lead.post(f"/office/policy/proposals/{proposal.id}/confirm")

    assert policy.value(session, "committee.units", on=date(2027, 1, 1))[2]["unit"] == "示例单位"


def test_days_of_the_calendar_are_typed_line_by_line_and_confirmed_by_another(
    client, session, proposer, lead
):
    assert client.post("/office/policy/calendar", data=DAYS).status_code == 302
    proposal = session.scalars(select(PolicyProposal)).one()
    lead.post(f"/office/policy/proposals/{proposal.id}/confirm")

    rows = session.scalars(select(CalendarOverride).order_by(CalendarOverride.day)).all()
    assert [(row.day, row.is_working, row.note) for row in rows] == [
        (date(2027, 2, 11), False, "春节"),
        (date(2027, 2, 20), True, "春节调休"),
    ]
    assert "2027年2月20日" in text(client.get("/office/policy/calendar"))


def test_a_line_that_is_no_day_is_named_by_its_number(client, session, proposer):
    answer = client.post("/office/policy/calendar", data={**DAYS, "days": "2027-02-20 上班\n明天 休息"})

    assert answer.status_code == 422
    assert "日期：第 2 行应写成" in text(answer)
    assert "明天 休息" in text(answer)


def test_an_unknown_parameter_is_not_found(client, proposer):
    assert client.get("/office/policy/no.such").status_code == 404


def test_the_page_needs_the_same_queries_for_1_and_for_3_changes(client, session, proposer, lead, queries):
    def fetched():
        with queries() as sent:
            assert client.get(PAGE).status_code == 200
            assert client.get("/office/policy").status_code == 200
        return len(sent)

    def change(day, value):
        client.post(PAGE, data={**CHANGE, "effective_from": day, "value": value})
        proposal = session.scalars(select(PolicyProposal).order_by(PolicyProposal.id.desc()).limit(1)).one()
        lead.post(f"/office/policy/proposals/{proposal.id}/confirm")

    change("2027-01-01", "7")
    one = fetched()
    change("2027-02-01", "8")
    change("2027-03-01", "9")

    assert fetched() == one
