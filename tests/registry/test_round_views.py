"""Rounds over HTTP: the office runs them, the public reads the calls."""

from datetime import datetime

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from registry import clock
from registry.models import CallRound, Role, RoundState
from tests.factories import log_in_as

FORM = {
    "year": "2026", "batch": "", "title": "示例申报通知", "lists": ["CX", "TZ"], "opens_at": "2026-12-01T09:00",
    "closes_at": "2026-12-31T17:00", "reference_on": "2026-12-31", "text": "第一段\n第二段",
}  # fmt: skip
BEFORE = datetime(2026, 11, 21, 10, tzinfo=clock.BEIJING)
DURING = datetime(2026, 12, 2, 10, tzinfo=clock.BEIJING)
AFTER = datetime(2026, 12, 31, 17, tzinfo=clock.BEIJING)
VALUES = {"closes_at": "2027-01-07T17:00", "reason": "示例理由"}


def text(response):
    return response.get_data(as_text=True)


@pytest.fixture
def lead(client, session, make):
    with clock.standing_at(BEFORE):
        yield log_in_as(client, session, make, Role.SECRETARIAT_LEAD)


@pytest.fixture
def made(client, session, lead):
    """Make a round with the form and return a function that finds it again."""
    address = client.post("/office/rounds/new", data=FORM).location

    def found():
        session.expire_all()
        return session.get_one(CallRound, int(address.rpartition("/")[2]))

    return found


def act(client, call, name, **data):
    return client.post(f"/office/rounds/{call.id}/{name}", data={"version": call.version_id, **data})


def test_the_form_of_a_new_round_proposes_its_dates(client, lead):
    page = BeautifulSoup(text(client.get("/office/rounds/new")), "html.parser")

    proposed = {
        name: page.find(id=name)["value"] for name in ("year", "opens_at", "closes_at", "reference_on")
    }
    assert proposed == {
        "year": "2026", "opens_at": "2026-11-22T09:00", "closes_at": "2026-12-22T17:00", "reference_on": "2026-12-22",
    }  # fmt: skip


def test_a_round_is_prepared_announced_opened_extended_and_closed_by_its_lead(client, lead, made):
    assert (made().state, made().lists) == (RoundState.DRAFT, ["CX", "TZ"])
    assert client.get(f"/rounds/{made().id}").status_code == 404

    act(client, made(), "announce")
    assert made().state is RoundState.ANNOUNCED
    act(client, made(), "open")
    assert made().state is RoundState.OPEN
    act(client, made(), "extend", **VALUES)
    assert made().closes_at == datetime(2027, 1, 7, 17, tzinfo=clock.BEIJING)
    with clock.standing_at(made().closes_at):
        log_in_again(client, lead)
        assert act(client, made(), "close").status_code == 302

    assert made().state is RoundState.CLOSED
    page = text(client.get(f"/rounds/{made().id}"))
    assert "示例申报通知" in page
    assert "<p>第二段</p>" in page
    assert "示例理由" in page


def log_in_again(client, user):
    client.post("/login", data={"login": user.username, "password": "Correct-Horse-7"})


@pytest.mark.parametrize("name", ["announce", "open", "extend", "close", "archive"])
def test_a_click_on_an_old_page_is_refused_as_stale(client, made, name):
    act(client, made(), "announce")
    act(client, made(), "open")
    call = made()

    old = client.post(f"/office/rounds/{call.id}/{name}", data={"version": call.version_id - 1, **VALUES})

    assert old.status_code == 409
    assert "刚刚被别人修改" in text(old)
    assert made().state is RoundState.OPEN


@pytest.mark.parametrize("name", ["announce", "open"])
def test_a_second_click_is_refused_in_words(client, made, name):
    act(client, made(), "announce")
    act(client, made(), "open")

    answer = act(client, made(), name)

    assert answer.status_code == 409
    assert "2026年第一批现处于“申报中”" in text(answer)


@pytest.mark.parametrize(
    "role", [Role.PUBLISHER, Role.FORMAL_REVIEWER, Role.APPLICANT_SIGNATORY, Role.SYS_ADMIN]
)
@pytest.mark.parametrize("name", ["announce", "open", "extend", "close", "archive", "edit"])
def test_nobody_else_runs_a_round(app, session, make, made, role, name):
    other = app.test_client()
    log_in_as(other, session, make, role)

    assert act(other, made(), name, **VALUES).status_code == 403
    assert made().state is RoundState.DRAFT


def test_a_round_without_its_text_is_not_announced(client, session, lead):
    address = client.post("/office/rounds/new", data={**FORM, "text": ""}).location

    assert "通知正文还没有写" in text(client.get(address))
    answer = client.post(f"{address}/announce", data={})

    assert answer.status_code == 422
    assert "通知正文：必填" in text(answer)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "", "标题：必填。"),
        ("year", "二〇二六", "年度：应为 2015 至 2100 的整数。"),
        ("batch", "0", "批次：应为 1 至 99 的整数。"),
        ("lists", [], "名单：必填。"),
        ("opens_at", "明天", "开始时间：请写成 2026-03-01 09:00 这样的时间。"),
        ("closes_at", "2026-11-30T17:00", "截止时间：须晚于开始时间。"),
        ("reference_on", "2026-02-30", "首次投放市场认定基准日：请写成 2026-03-01 这样的日期。"),
    ],
)
def test_a_wrong_entry_is_named_and_what_was_typed_is_kept(client, session, lead, field, typed, sentence):
    answer = client.post("/office/rounds/new", data={**FORM, field: typed})

    page = BeautifulSoup(text(answer), "html.parser")
    assert answer.status_code == 422
    assert sentence in page.find(class_="error-summary").get_text()
    assert page.find(id="text").get_text().strip() == "第一段\n第二段"
    if field not in ("lists", "title"):
        assert page.find(id=field)["value"] == typed
    assert session.scalars(select(CallRound)).all() == []


def test_a_page_of_yesterday_does_not_overwrite_and_keeps_what_was_typed(client, made):
    shown = made().version_id
    client.post(f"/office/rounds/{made().id}/edit", data={**FORM, "title": "别人改的", "version": shown})

    answer = client.post(
        f"/office/rounds/{made().id}/edit", data={**FORM, "title": "我改的", "version": shown}
    )

    assert answer.status_code == 409
    assert "刚刚被别人修改" in text(answer)
    assert 'value="我改的"' in text(answer)
    assert made().title == "别人改的"


def test_an_extension_that_is_refused_keeps_its_reason(client, made):
    act(client, made(), "announce")

    answer = act(client, made(), "extend", closes_at="2026-12-01T09:00", reason="示例理由")

    assert answer.status_code == 422
    assert "新的截止时间：须晚于现在的截止时间（2026年12月31日17:00）" in text(answer)
    assert "示例理由" in text(answer)


def test_an_open_call_leads_to_applying_and_a_closed_one_does_not(app, client, made):
    act(client, made(), "announce")
    act(client, made(), "open")
    visitor = app.test_client()

    with clock.standing_at(DURING):
        assert 'href="/apply/"' in text(visitor.get(f"/rounds/{made().id}"))
    with clock.standing_at(AFTER):
        assert 'href="/apply/"' not in text(visitor.get(f"/rounds/{made().id}"))


def test_the_lead_s_work_list_names_the_rounds_to_announce(client, made):
    assert "待发布申报通知的批次" in text(client.get("/home"))

    act(client, made(), "announce")

    assert "待发布申报通知的批次" not in text(client.get("/home"))


@pytest.mark.parametrize("address", ["/rounds/", "/office/rounds"])
def test_a_list_of_rounds_needs_the_same_queries_for_1_and_for_3(client, session, made, queries, address):
    def fetched():
        with queries() as sent:
            assert client.get(address).status_code == 200
        return len(sent)

    act(client, made(), "announce")
    one = fetched()
    for _ in range(2):
        address_of = client.post("/office/rounds/new", data=FORM).location
        client.post(f"{address_of}/announce", data={})
        session.expire_all()
        call = session.get_one(CallRound, int(address_of.rpartition("/")[2]))
        act(client, call, "extend", closes_at=f"2027-02-0{call.batch}T17:00", reason="示例")
        session.expire_all()

    assert fetched() == one
