import pytest
from bs4 import BeautifulSoup

from registry.models import Role, State
from review import outcomes, results
from review.models import PanelState
from tests.review.views.reading import refusals, text

OFFICE = "/office/review/"


# --- panels -----------------------------------------------------------------------------------------------------------


def test_nothing_chosen_makes_no_panel(client, lead):
    assert "产品：请至少选择一个。" in text(client.post(f"{OFFICE}panels", data={}))


def test_a_number_that_no_database_holds_is_refused_in_words(client, lead):
    answer = client.post("/office/review/panels", data={"application": str(10**20)})

    assert answer.status_code == 400
    assert "过大的数字" in text(answer)


def test_a_draw_without_its_value_says_so_at_the_field(client, lead, make, session):
    panel = make.panel(state=PanelState.PREPARED)
    session.commit()

    answer = client.post(f"{OFFICE}panels/{panel.id}/draw", data={"public_value": ""})

    assert (answer.status_code, refusals(answer)) == (422, ["公开随机数：必填。"])


def test_a_prepared_panel_is_cancelled_with_a_reason(client, lead, make, session):
    panel = make.panel(state=PanelState.PREPARED)
    session.commit()
    address = f"{OFFICE}panels/{panel.id}/cancel"

    refused = client.post(address, data={"reason": " "})
    done = client.post(address, data={"reason": "专家库需要补充"})

    assert (refused.status_code, refusals(refused)) == (422, ["理由：必填。"])
    assert (done.location, client.post(address, data={"reason": "再取消"}).status_code) == (OFFICE, 409)


@pytest.mark.parametrize("act", ["form", "begin"])
def test_a_second_click_on_a_panel_is_refused(client, lead, reviewing, act):
    answer = client.post(f"{OFFICE}panels/{reviewing.id}/{act}")

    assert answer.status_code == 409
    assert "请刷新页面查看最新状态" in text(answer)


def test_a_review_cannot_begin_while_somebody_is_silent(client, lead, formed):
    answer = client.post(f"{OFFICE}panels/{formed.id}/begin")

    assert answer.status_code == 422
    assert "还有 7 位专家没有作出回避声明，不能开始评审。" in text(answer)


def test_a_late_recusal_is_settled_on_the_page(client, lead, reviewing, browser, make, session):
    seat = reviewing.assignments[0]
    for one in reviewing.assignments:
        make.locked_sheet(one)
    session.commit()
    browser(seat.expert.user).post(
        f"/review/assignments/{seat.id}/leave",
        data={"answer": "recuse", "relation": "kin", "reason": "亲属任职"},
    )
    case = f"{OFFICE}applications/{seat.application_id}"

    refused = client.post(f"{case}/aggregate")
    empty = client.post(f"{case}/assignments/{seat.id}/settle", data={"reason": "人数符合规定"})
    settled = client.post(
        f"{case}/assignments/{seat.id}/settle", data={"refilling": "no", "reason": "人数符合规定"}
    )

    assert (refused.status_code, empty.status_code, refusals(empty)) == (422, 422, ["处理：请选择一项。"])
    assert text(empty).count("人数符合规定") == 1
    assert f'id="settling-refilling-{seat.id}"' in text(empty)
    assert settled.location == case
    assert client.post(f"{case}/aggregate").location == case
    assert results.latest(session, seat.application_id).valid == 6


def test_a_score_without_a_recused_sheet_asks_to_be_made_anew_before_anything_else(
    client, lead, reviewing, browser, make, session
):
    for one in reviewing.assignments:
        make.locked_sheet(one)
    seat = reviewing.assignments[0]
    case = f"{OFFICE}applications/{seat.application_id}"
    results.aggregate(session, seat.application_id, lead)
    session.commit()
    browser(seat.expert.user).post(
        f"/review/assignments/{seat.id}/leave",
        data={"answer": "recuse", "relation": "kin", "reason": "亲属任职"},
    )
    client.post(f"{case}/assignments/{seat.id}/settle", data={"refilling": "no", "reason": "人数符合规定"})

    outdated = text(client.get(case))
    client.post(f"{case}/aggregate")
    anew = text(client.get(case))

    assert ("重新汇总得分</button>" in outdated, "提交编审委员会</button>" in outdated) == (True, False)
    assert ("重新汇总得分</button>" in anew, "提交编审委员会</button>" in anew) == (False, True)


def test_a_refused_reason_stands_at_its_own_seat_only(client, lead, reviewing, make, session):
    for one in reviewing.assignments:
        make.locked_sheet(one)
    session.commit()
    seat = reviewing.assignments[1]
    case = f"{OFFICE}applications/{seat.application_id}"

    page = BeautifulSoup(
        text(client.post(f"{case}/assignments/{seat.id}/unlock", data={"reason": " "})), "html.parser"
    )

    assert [link["href"] for link in page.select(".error-summary a")] == [f"#unlocking-reason-{seat.id}"]
    assert [details.textarea["id"] for details in page.select("details[open]")] == [
        f"unlocking-reason-{seat.id}"
    ]


def test_a_motion_needs_its_reason(client, lead, reviewing, make, session):
    for seat in reviewing.assignments:
        make.locked_sheet(seat, share="0.6")
    session.commit()
    case = f"{OFFICE}applications/{reviewing.items[0].application_id}"
    client.post(f"{case}/aggregate")

    assert client.post(f"{case}/refer").status_code == 422
    assert refusals(client.post(f"{case}/motion", data={"reason": ""})) == [
        "动议理由：必填，书面动议将列入例外事项。"
    ]
    assert client.post(f"{case}/motion", data={"reason": "填补国内空白"}).location == case
    assert client.post(f"{case}/refer").location == case
    assert client.post(f"{case}/refer").status_code == 409


def test_a_new_panel_begins_without_the_score_of_the_earlier_one(client, lead, reviewing, make, session):
    application = reviewing.items[0].application
    for seat in reviewing.assignments:
        make.locked_sheet(seat)
    results.aggregate(session, application.id, lead)
    outcomes.refer(session, application.id, lead)
    application.state = State.ACCEPTED  # as the chair orders it from an objection
    make.experts()
    make.panel(application)
    session.commit()

    shown = text(client.get(f"{OFFICE}applications/{application.id}"))

    assert "<h2>得分</h2>" not in shown
    assert "已被替代" in shown


def test_an_expert_is_appointed_by_hand_from_the_page(client, lead, make, session):
    application = make.application(state=State.ACCEPTED, panel_size=0)
    make.experts(technical=4, user=1, finance=1)
    make.panel(application, state=PanelState.FORMED)
    new = make.expert()
    session.commit()
    address = f"{OFFICE}applications/{application.id}/appoint"

    unknown = client.post(address, data={"login": "nobody", "reason": "序列用尽"})
    done = client.post(address, data={"login": new.user.username, "reason": "序列用尽"})

    assert (unknown.status_code, refusals(unknown)) == (422, ["专家账号：专家库中没有这位专家。"])
    assert "序列用尽" in text(unknown)
    assert done.status_code == 302


# --- everybody else ---------------------------------------------------------------------------------------------------

MOVES = (
    "panels",
    "panels/{panel}/draw",
    "panels/{panel}/cancel",
    "panels/{panel}/form",
    "panels/{panel}/begin",
    "applications/{application}/aggregate",
    "applications/{application}/refer",
    "applications/{application}/motion",
    "applications/{application}/not-select",
    "applications/{application}/appoint",
    "applications/{application}/assignments/{seat}/unlock",
    "applications/{application}/assignments/{seat}/settle",
    "applications/{application}/assignments/{seat}/recuse",
)


def test_no_other_role_moves_anything(session, make, reviewing, browser):
    seat = reviewing.assignments[0]
    names = {"panel": reviewing.id, "application": seat.application_id, "seat": seat.id}
    others = {role: make.user(role) for role in Role if role is not Role.SECRETARIAT_LEAD}
    session.commit()

    answers = {
        (role.value, path): other.post(OFFICE + path.format(**names)).status_code
        for role, user in others.items()
        for other in [browser(user)]
        for path in MOVES
    }

    assert {move: status for move, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("path", ["/review/", "/review/profile", OFFICE, "/office/experts"])
def test_a_visitor_is_asked_to_log_in(client, path):
    assert client.get(path).location.startswith("/login?next=")


def test_an_exception_leads_the_observer_to_the_panel_and_to_no_score(session, make, reviewing, browser):
    observer = make.user(Role.DISCIPLINE_OBSERVER)
    session.commit()

    answer = browser(observer).get(f"{OFFICE}applications/{reviewing.items[0].application_id}")

    assert answer.location == f"{OFFICE}panels/{reviewing.id}"


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_desk_needs_as_many_queries_for_three_tasks_as_for_one(browser, make, session, queries):
    counts = []
    expert = make.expert()
    make.experts()
    for rows in (1, 3):
        call = make.round()
        panel = make.panel(
            *(make.application(state=State.ACCEPTED, panel_size=0, round=call) for _ in range(rows)),
            state=PanelState.FORMED,
        )
        seat = panel.assignments[0]
        session.commit()
        mine = browser(seat.expert.user)
        with queries() as sent:
            shown = text(mine.get("/review/"))
        counts.append((len(sent), shown.count('name="assignment"') >= rows))

    assert counts == [(counts[0][0], True)] * 2
    assert expert


def test_the_office_pages_need_as_many_queries_for_three_rows_as_for_one(
    client, lead, make, session, queries
):
    counts = []
    make.experts()
    for rows in (1, 3):
        call = make.round()
        done = [make.application(state=State.ACCEPTED, panel_size=0, round=call) for _ in range(rows)]
        panel = make.panel(*done)
        for _ in range(rows):
            make.application(state=State.ACCEPTED, panel_size=0, round=call)
        session.commit()
        addresses = (f"{OFFICE}?round={call.id}", f"{OFFICE}panels/{panel.id}", "/office/experts")
        found = []
        for address in addresses:
            with queries() as sent:
                assert client.get(address).status_code == 200
            found.append(len(sent))
        counts.append(found)

    assert counts[0] == counts[1]
