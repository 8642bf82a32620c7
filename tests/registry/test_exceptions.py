"""Exceptions: who departed from the ordinary way, why and by whose approval; each reader sees what is his to see."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy.dialects import sqlite

from registry import (
    calendar,
    clock,
    exceptions,
    formal_review,
    policy_changes,
    reconsideration,
    rounds,
    terms,
    trail,
)
from registry.exceptions import ExceptionKind, Filters
from registry.formal_review import Judgement
from registry.models import BanReason, CheckVerdict, Role, State
from registry.organizations import bans
from tests.browsing import Browser

DAY = timedelta(days=1)


@pytest.fixture
def lead(make):
    """Return the secretariat's lead."""
    return make.user(Role.SECRETARIAT_LEAD, display_name="示例负责人")


@pytest.fixture
def reviewer(make):
    """Return an examiner."""
    return make.user(Role.FORMAL_REVIEWER, display_name="示例审查员")


@pytest.fixture
def listed(session, lead):
    """Return a function that reads the exceptions as somebody, the lead unless told."""

    def listed(viewer=None, **filters):
        rows = session.execute(exceptions.found(Filters(**filters))).all()
        return exceptions.shown(session, viewer or lead, rows)

    return listed


def waive(session, make, reviewer):
    """Waive one row of an application's checklist before its round closes."""
    application = make.application(state=State.SUBMITTED)
    formal_review.begin(session, application, reviewer)
    formal_review.judge(
        session, application, reviewer, {"models": Judgement(CheckVerdict.WAIVED, "示例理由甲")}
    )
    return application


# --- what is an exception -----------------------------------------------------------------------------------------


def test_an_application_opened_before_the_close_and_a_waived_check_are_exceptions(
    session, make, reviewer, listed
):
    application = waive(session, make, reviewer)

    rows = {row.kind: row for row in listed()}

    assert set(rows) == {"early_look", "waiver"}
    waiver = rows["waiver"]
    assert (waiver.who, waiver.reason, waiver.approver) == ("示例审查员", "规格型号：示例理由甲", "")
    assert waiver.path == f"/office/formal-review/{application.id}"
    assert waiver.case == f"{application.product_name}　{application.number}"
    assert waiver.round == application.round.name


def test_an_application_opened_after_the_close_is_none(session, make, reviewer, listed):
    application = make.application(state=State.FORMAL_REVIEW)
    with clock.standing_at(application.round.closes_at + DAY):
        formal_review.begin(session, application, reviewer)

    assert listed() == []


def test_an_extended_round_says_who_and_why(session, make, lead, listed):
    call = make.round()
    rounds.extend(session, call, lead, closes_at=call.closes_at + DAY, reason="系统停机")

    (row,) = listed()

    assert (row.kind, row.who, row.reason, row.path) == (
        "extension", "示例负责人", "系统停机", f"/office/rounds/{call.id}",
    )  # fmt: skip


def test_a_ban_and_its_lifting_say_who_proposed_and_who_approved(session, make, reviewer, lead, listed):
    ban = bans.propose(
        session, make.unit(), reviewer, reason=BanReason.DISCREDIT, basis="示例处罚", from_on=clock.today()
    )
    assert listed() == []
    bans.confirm(session, ban, lead)
    bans.propose_lift(session, ban, reviewer, reason="处罚撤销")
    bans.lift(session, ban, lead)

    assert [(row.act, row.who, row.approver, row.reason) for row in listed(kind=ExceptionKind.BAN)] == [
        ("ban.lift", "示例审查员", "示例负责人", "处罚撤销"),
        ("ban.confirm", "示例审查员", "示例负责人", "示例处罚"),
    ]


def test_a_changed_calendar_is_listed_once_it_is_confirmed(session, make, reviewer, lead, listed):
    day = calendar.load(session).add(clock.today(), 3)
    proposed = policy_changes.propose(
        session, reviewer, key="calendar", effective_from=clock.today(),
        value=[{"day": day.isoformat(), "is_working": False, "note": "示例"}],
        basis_document="示例通知", source_note="", is_assumed=False,
    )  # fmt: skip
    assert listed() == []
    policy_changes.confirm(session, proposed, lead)

    (row,) = listed()

    assert (row.kind, row.who, row.approver) == ("calendar", "示例审查员", "示例负责人")
    assert "示例通知" in row.reason


def test_a_reconsideration_that_was_granted_late_is_listed_twice(session, make, lead, listed):
    application = make.application(state=State.REJECTED)
    reconsideration.ask(session, application, make.applicant(application.organization), grounds="示例")
    with clock.standing_at(application.reconsideration_due_on + DAY):
        reconsideration.grant(session, application, lead, reason="程序有误")

    assert {(row.kind, row.reason) for row in listed()} == {
        ("late", "程序有误"),
        ("reconsidered", "程序有误"),
    }


def test_one_that_was_answered_on_its_last_day_is_not_late(session, make, lead, listed):
    application = make.application(state=State.REJECTED)
    reconsideration.ask(session, application, make.applicant(application.organization), grounds="示例")
    last = clock.start_of(application.reconsideration_due_on + DAY) - timedelta(minutes=1)
    with clock.standing_at(last):
        reconsideration.refuse(session, application, lead, reason="程序符合规定")

    assert listed() == []


def test_an_export_of_search_results_is_listed(session, make, listed):
    user = make.user(display_name="示例用户")
    trail.record(
        session, user, "search.export", subject="search", subject_id="x", detail={"address": "q=示例"}
    )

    (row,) = listed()

    assert (row.kind, row.who, row.reason, row.path) == ("export", "示例用户", "q=示例", None)


# --- narrowing ----------------------------------------------------------------------------------------------------


def test_kind_round_and_days_narrow_the_list(session, make, reviewer, lead, listed):
    application, call = waive(session, make, reviewer), make.round()
    with clock.standing_at(date(2026, 12, 1)):
        rounds.extend(session, call, lead, closes_at=call.closes_at + 90 * DAY, reason="示例")

    assert {row.kind for row in listed(kind=ExceptionKind.WAIVER)} == {"waiver"}
    assert {row.kind for row in listed(round_id=application.round_id)} == {"waiver", "early_look"}
    assert {row.kind for row in listed(since=date(2026, 12, 1))} == {"extension"}
    assert {row.kind for row in listed(until=date(2026, 11, 30))} == {"waiver", "early_look"}
    assert {row.kind for row in listed(since=date(2026, 12, 1), until=date(2026, 12, 1))} == {"extension"}


# --- who sees what ------------------------------------------------------------------------------------------------


def test_an_audit_admin_reads_numbers_instead_of_products_and_gets_no_way_in(session, make, reviewer, listed):
    application = waive(session, make, reviewer)

    rows = listed(make.user(Role.AUDIT_ADMIN))

    assert {(row.case, row.path) for row in rows} == {(application.number, None)}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", ["/office/exceptions", "/office/exceptions.csv"])
def test_three_roles_may_see_the_page(session, make, app, role, path):
    user = make.user(role)
    session.commit()

    allowed = {Role.SECRETARIAT_LEAD, Role.DISCIPLINE_OBSERVER, Role.AUDIT_ADMIN}
    assert Browser(app.test_client(), user).client.get(path).status_code == (200 if role in allowed else 403)


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_leads_to_the_case_in_one_click(session, make, app, reviewer, lead):
    application = waive(session, make, reviewer)
    session.commit()

    browser = Browser(app.test_client(), lead).open("/home").follow("例外事项")
    browser.open("/office/exceptions?kind=waiver")

    assert "示例理由甲" in browser.text
    assert "打开申报书审查" not in browser.text
    assert application.product_name in browser.follow("免于审查事项").text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("kind=other", "类别：请从列表中选择。"),
        ("round=x", "批次：请从列表中选择。"),
        ("round=٣", "批次：请从列表中选择。"),
        ("since=yesterday", "起：请写成"),
        ("until=0001-01-01", "止：请写成"),
        ("since=2026-03-02&until=2026-03-01", "止：不得早于起。"),
        ("page=0", "页码应为正整数。"),
    ],
)
def test_a_filter_that_does_not_exist_is_refused_in_words(session, make, app, lead, query, sentence):
    session.commit()
    answer = Browser(app.test_client(), lead).client.get(f"/office/exceptions?{query}")

    assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (422, True)


def test_an_empty_list_says_so(session, app, lead):
    session.commit()

    assert "没有符合条件的例外事项" in Browser(app.test_client(), lead).open("/office/exceptions").text


def test_the_file_holds_what_the_page_shows_runs_no_formula_and_is_an_exception_itself(
    session, make, app, lead
):
    call = make.round()
    rounds.extend(session, call, lead, closes_at=call.closes_at + DAY, reason="=1+1")
    session.commit()
    browser = Browser(app.test_client(), lead)

    answer = browser.client.get("/office/exceptions.csv?kind=extension")
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))

    assert "attachment" in answer.headers["Content-Disposition"]
    assert [row[:2] + row[3:6] for row in table] == [
        ["类别", "事项", "办理人", "理由", "批准人"],
        ["延长期限", "延长申报截止时间", "示例负责人", "'=1+1", ""],
    ]
    assert "导出例外事项" in browser.open("/office/exceptions?kind=export").text


def test_the_page_needs_as_many_queries_for_many_rows_as_for_one(session, make, app, reviewer, lead, queries):
    waive(session, make, reviewer)
    session.commit()
    client = Browser(app.test_client(), lead).client

    def count():
        with queries() as sent:
            assert client.get("/office/exceptions").status_code == 200
        return len(sent)

    one = count()
    for _ in range(2):
        waive(session, make, reviewer)
    session.commit()
    assert count() == one


def test_every_act_on_the_page_has_a_label():
    values = [
        value
        for source in exceptions.sources
        for given in source().compile(dialect=sqlite.dialect()).params.values()
        for value in (given if isinstance(given, list) else [given])
    ]
    acts = {value for value in values if isinstance(value, str) and "." in value} - {"review.aggregate"}

    assert {"review.motion", "objection.identify", "sheet.late"} <= acts
    assert [act for act in acts if f"act.{act}" not in terms.TERMS] == []
