import re

import pytest
from sqlalchemy import select

from registry import attachments, policy
from registry.models import Attachment, TrailLine
from review.models import Assignment, AssignmentState
from tests.review.views.reading import filled, refusals, text

OFFICE = "/office/review/"
RUBRIC = policy.shipped()["rubric.CX"]["value"]


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_before_the_declaration_the_expert_sees_title_unit_and_field_only(formed, browser):
    seat, application = formed.assignments[0], formed.items[0].application
    expert = browser(seat.expert.user)

    listed, opened = text(expert.get("/review/")), expert.get(f"/review/assignments/{seat.id}")

    assert application.product_name in listed
    assert application.organization.name in listed
    assert application.draft["summary"] not in listed
    assert (opened.status_code, opened.location) == (302, "/review/")


def test_after_the_declaration_the_expert_reads_all_but_whom_to_call(reviewing, browser):
    seat, draft = reviewing.assignments[0], reviewing.items[0].application.draft

    shown = text(browser(seat.expert.user).get(f"/review/assignments/{seat.id}"))

    assert draft["summary"] in shown
    assert [draft[key] for key in ("contact_name", "contact_phone") if draft[key] in shown] == []


def test_a_declaration_needs_the_promise(formed, browser, session):
    seat = formed.assignments[0]

    answer = browser(seat.expert.user).post("/review/declarations", data={"assignment": [seat.id]})

    assert (answer.status_code, refusals(answer)) == (422, ["保密承诺：须勾选后才能作出声明。"])
    assert f'id="task-{seat.id}" checked' in text(answer)
    session.expire_all()
    assert session.get(Assignment, seat.id).state is AssignmentState.NOTIFIED


def test_a_second_declaration_is_refused_as_stale(formed, browser):
    seat = formed.assignments[0]
    expert = browser(seat.expert.user)
    form = {"assignment": [seat.id], "promise": "yes"}

    assert [expert.post("/review/declarations", data=form).status_code for _ in range(2)] == [302, 409]


def test_another_expert_s_task_is_not_found(reviewing, browser):
    mine, other = reviewing.assignments[:2]
    expert = browser(mine.expert.user)

    assert [expert.get(f"/review/assignments/{other.id}{more}").status_code for more in ("", "/leave")] == [
        404,
        404,
    ]
    assert expert.post(f"/review/assignments/{other.id}", data=filled(RUBRIC)).status_code == 404


def test_a_conflict_is_declared_with_what_was_typed_kept_when_something_is_missing(formed, browser):
    seat = formed.assignments[0]

    answer = browser(seat.expert.user).post(
        f"/review/assignments/{seat.id}/leave", data={"reason": "曾任该单位顾问", "relation": "other"}
    )

    assert (answer.status_code, refusals(answer)) == (422, ["情形：请选择一项。"])
    assert "曾任该单位顾问" in text(answer)


@pytest.mark.parametrize(("answer", "state"), [("recuse", "recused"), ("decline", "declined")])
def test_who_leaves_loses_the_task_and_another_is_called(formed, browser, session, answer, state):
    seat = formed.assignments[0]
    expert = browser(seat.expert.user)

    done = expert.post(
        f"/review/assignments/{seat.id}/leave",
        data={"answer": answer, "relation": "kin", "reason": "情况说明"},
    )

    assert done.location == "/review/"
    session.expire_all()
    states = session.scalars(select(Assignment.state).order_by(Assignment.id)).all()
    assert (states[0], states.count(AssignmentState.NOTIFIED)) == (state, 7)


def test_a_recused_expert_reads_nothing_any_more(reviewing, browser):
    seat = reviewing.assignments[0]
    expert = browser(seat.expert.user)
    expert.post(
        f"/review/assignments/{seat.id}/leave",
        data={"answer": "recuse", "relation": "kin", "reason": "亲属任职"},
    )

    assert expert.get(f"/review/assignments/{seat.id}").location == "/review/"
    assert expert.post(f"/review/assignments/{seat.id}", data=filled(RUBRIC)).location == "/review/"


def test_an_expert_opens_the_files_of_the_own_products_only(reviewing, make, session):
    seat = reviewing.assignments[0]
    file = session.scalars(
        select(Attachment).where(Attachment.application_id == seat.application_id).limit(1)
    ).one()

    readers = {"own": seat.expert.user, "another": make.expert().user}

    assert {name: attachments.may_open(session, user, file) for name, user in readers.items()} == {
        "own": True,
        "another": False,
    }


# --- sheets -----------------------------------------------------------------------------------------------------------


def test_a_sheet_is_saved_and_shown_again(reviewing, browser):
    seat = reviewing.assignments[0]
    expert, address = browser(seat.expert.user), f"/review/assignments/{seat.id}"

    saved = expert.post(address, data={"points-innovation": "20.5", "version": "", "act": "save"})

    assert saved.location == address
    assert 'value="20.5"' in text(expert.get(address))


def test_a_sheet_that_cannot_be_locked_keeps_everything_and_names_each_rule(reviewing, browser):
    seat = reviewing.assignments[0]

    answer = browser(seat.expert.user).post(
        f"/review/assignments/{seat.id}",
        data=filled(
            RUBRIC, **{"points-innovation": "26", "points-ip": "1", "reason-ip": "太低", "recommends": ""}
        ),
    )

    assert (answer.status_code, refusals(answer)) == (
        422,
        [
            "是否推荐：请选择推荐或者不推荐。",
            "技术创新性：评分为 0 至 25 分，每 0.5 分一档。",
            "知识产权：评分低于满分的 60% 或者高于 90% 时，理由不少于 20 个字。",
        ],
    )
    assert 'value="26"' in text(answer)
    assert "太低" in text(answer)


def test_a_second_window_loses_nothing_and_overwrites_nothing_unasked(reviewing, browser):
    seat = reviewing.assignments[0]
    expert, address = browser(seat.expert.user), f"/review/assignments/{seat.id}"
    expert.post(address, data={"points-innovation": "20", "version": "", "act": "save"})

    second = expert.post(address, data={"points-innovation": "15", "version": "", "act": "save"})

    assert second.status_code == 409
    assert 'value="15"' in text(second)
    version = re.search(r'name="version" type="hidden" value="(\d+)"', text(second)).group(1)
    again = expert.post(address, data={"points-innovation": "15", "version": version, "act": "save"})
    assert again.status_code == 302


def test_a_second_click_on_lock_is_refused(reviewing, browser):
    seat = reviewing.assignments[0]
    expert, address = browser(seat.expert.user), f"/review/assignments/{seat.id}"

    answers = [expert.post(address, data=filled(RUBRIC)).status_code for _ in range(2)]

    assert answers == [302, 409]
    assert "80.00" in text(expert.get(address))


def test_an_unlocked_sheet_tells_its_expert_why(client, lead, reviewing, browser, make, session):
    seat = reviewing.assignments[0]
    make.locked_sheet(seat)
    session.commit()
    address = f"{OFFICE}applications/{seat.application_id}/assignments/{seat.id}/unlock"

    refused = client.post(address, data={"reason": ""})
    done = client.post(address, data={"reason": "两项评分填反"})
    again = client.post(address, data={"reason": "两项评分填反"})

    assert (refused.status_code, refusals(refused)) == (422, ["理由：必填，退回评分表将列入例外事项。"])
    assert (done.status_code, again.status_code) == (302, 409)
    assert "两项评分填反" in text(browser(seat.expert.user).get(f"/review/assignments/{seat.id}"))


def test_the_lead_takes_an_expert_off_a_product(client, lead, reviewing, session):
    seat = reviewing.assignments[0]
    address = f"{OFFICE}applications/{seat.application_id}/assignments/{seat.id}/recuse"

    refused = client.post(address, data={"relation": "kin", "reason": ""})
    done = client.post(address, data={"relation": "kin", "reason": "群众反映有亲属关系"})
    again = client.post(address, data={"relation": "kin", "reason": "群众反映有亲属关系"})

    assert (refused.status_code, refusals(refused)) == (422, ["说明：必填，请写明利害关系。"])
    assert (done.status_code, again.status_code) == (302, 409)
    session.expire_all()
    assert session.get(Assignment, seat.id).state is AssignmentState.RECUSED


def test_looking_at_a_sheet_leaves_a_line(client, lead, reviewing, make, session):
    sheet = make.locked_sheet(reviewing.assignments[0])
    session.commit()

    shown = client.get(f"{OFFICE}sheets/{sheet.id}")

    assert "80.00" in text(shown)
    assert session.scalars(select(TrailLine.actor_id).where(TrailLine.action == "sheet.look")).all() == [
        lead.id
    ]
