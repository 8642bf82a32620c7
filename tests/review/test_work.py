from datetime import timedelta

import pytest

from registry import clock, policy_changes
from registry.errors import RuleError
from registry.models import Role, State
from review import panels, seats, work
from review.models import PanelState
from tests.factories import log_in


def waiting(session, user):
    return {item.label: (item.count, item.due_on) for item in work.waiting(session, user)}


def test_an_expert_s_home_shows_declarations_then_sheets_with_their_day(session, make):
    formed, begun = make.panel(state=PanelState.FORMED), make.panel()
    declaring, scoring = formed.assignments[0], begun.assignments[0]

    assert waiting(session, declaring.expert.user)["待作出回避声明的产品"][1] == declaring.due_on
    assert waiting(session, scoring.expert.user)["待评分的产品"][1] == scoring.due_on


def test_a_locked_sheet_waits_for_nobody(session, make):
    seat = make.panel().assignments[0]

    make.locked_sheet(seat)

    assert waiting(session, seat.expert.user) == {}


def test_the_lead_s_home_shows_what_to_draw_and_what_to_decide(session, make):
    make.panel(state=PanelState.PREPARED)
    call = make.round()
    for _ in range(2):
        make.application(state=State.ACCEPTED, panel_size=0, round=call)
    make.application(state=State.SCORED, round=call)

    assert waiting(session, make.user(Role.SECRETARIAT_LEAD)) == {
        "已受理、待组成专家组的产品": (2, None),
        "待抽取或者待组成的专家组": (1, None),
        "已汇总得分、待提交审议或者告知的产品": (1, None),
    }


def test_what_waits_leads_to_the_round_in_which_it_waits(session, make, client):
    older, newer = make.round(), make.round()
    make.application(state=State.ACCEPTED, panel_size=0, round=older)
    make.application(state=State.UNDER_REVIEW, round=newer)
    lead = make.user(Role.SECRETARIAT_LEAD)
    session.commit()

    (item,) = [one for one in work.waiting(session, lead) if one.label == "已受理、待组成专家组的产品"]
    log_in(client, lead)
    tabs = client.get(item.url).get_data(as_text=True)

    assert item.url == f"/office/review/?round={older.id}"
    assert "1 项待办" in tabs


def test_a_sheet_waits_for_its_expert_only_once_the_review_began(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]
    lead = make.user(Role.SECRETARIAT_LEAD)
    for each in panel.assignments:
        seats.declare(session, each, each.expert.user)

    assert "待评分的产品" not in waiting(session, seat.expert.user)
    assert waiting(session, lead)["声明已齐、待开始评审的专家组"] == (1, None)

    panels.begin(session, panel, lead)

    assert waiting(session, seat.expert.user)["待评分的产品"] == (1, seat.due_on)
    assert waiting(session, lead) == {}


def test_a_product_waits_for_its_score_once_no_sheet_is_awaited(session, make):
    panel = make.panel()
    lead = make.user(Role.SECRETARIAT_LEAD)
    for seat in panel.assignments[1:]:
        make.locked_sheet(seat)
    label = "评分已齐或者已到期、待汇总得分的产品"

    assert label not in waiting(session, lead)
    with clock.standing_at(panel.assignments[0].due_on + timedelta(days=1)):
        assert waiting(session, lead)[label] == (1, None)

    make.locked_sheet(panel.assignments[0])
    assert waiting(session, lead)[label] == (1, None)


def test_nobody_else_s_home_speaks_of_the_review(session, make):
    make.panel()

    assert waiting(session, make.user(Role.FORMAL_REVIEWER)) == {}


@pytest.mark.parametrize(
    ("key", "change", "sentence"),
    [
        ("review.aggregation", {"pass_mark": "七十"}, "数值须写成数字"),
        ("review.aggregation", {"trim_from": 2}, "至少有 3 份评分表"),
        ("review.scale", {"step": ""}, "数值须写成数字"),
    ],
)
def test_a_value_that_the_review_cannot_work_with_is_not_proposed(session, make, key, change, sentence):
    present = policy_changes.history(session, key)[0].value

    with pytest.raises(RuleError, match=sentence):
        policy_changes.propose(
            session, make.user(Role.SECRETARIAT_LEAD), key=key, value={**present, **change},
            effective_from=clock.today() + timedelta(days=1), basis_document="待定", source_note="",
            is_assumed=True,
        )  # fmt: skip


def test_a_rubric_that_does_not_make_a_hundred_is_not_proposed(session, make):
    rows = policy_changes.history(session, "rubric.CX")[0].value

    with pytest.raises(RuleError, match="各项满分之和须为 100 分"):
        policy_changes.propose(
            session, make.user(Role.SECRETARIAT_LEAD), key="rubric.CX", value=[{**rows[0], "weight": 30}, *rows[1:]],
            effective_from=clock.today() + timedelta(days=1), basis_document="待定", source_note="",
            is_assumed=True,
        )  # fmt: skip
