from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import clock, hooks
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import InboxMessage, Role, State, TrailLine
from review import outcomes, results, seats
from review.models import AssignmentState, NotSelectedReason, PanelState, Relation, ReviewResult


@pytest.fixture
def lead(make):
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def panel(make):
    return make.panel()


@pytest.fixture
def application(panel):
    return panel.items[0].application


@pytest.fixture
def taken(panel):
    return list(panel.assignments)


def score(make, taken, *shares, **values):
    """Lock the first sheets, with these shares of the maximum."""
    for seat, share in zip(taken, shares, strict=False):
        make.locked_sheet(seat, share=share, **values)


def recuse(session, taken, number=0):
    seat = seats.own(session, taken[number].expert.user, taken[number].id)
    seats.recuse(session, seat, seat.expert.user, relation=Relation.KIN, reason="亲属在该单位任职")
    return seat


# --- aggregating --------------------------------------------------------------------------------------------------


def test_the_score_is_the_trimmed_mean_of_the_locked_sheets(session, make, lead, taken, application):
    score(make, taken, "0.6", "0.7", "0.7", "0.7", "0.8", "0.8", "0.9")

    result = results.aggregate(session, application.id, lead)

    assert application.state is State.SCORED
    assert (application.official_score, application.recommend_share) == (74_000, 1_000)
    assert (application.is_above_line, result.valid, result.spread) == (True, 7, 30_000)


def test_a_sheet_that_is_waited_for_holds_the_score_up_until_its_day_is_over(
    session, make, lead, taken, application
):
    score(make, taken, *["0.8"] * 5)

    with pytest.raises(RuleError, match="还有 2 份评分表没有锁定"):
        results.aggregate(session, application.id, lead)
    with clock.standing_at(taken[0].due_on + timedelta(days=1)):
        result = results.aggregate(session, application.id, lead)

    assert (result.valid, result.score) == (5, 80_000)
    late = [seat.state for seat in results.case(session, application.id).seats]
    assert late.count(AssignmentState.LAPSED) == 2


def test_too_few_sheets_make_no_score(session, make, lead, taken, application):
    score(make, taken, *["0.8"] * 4)

    with (
        clock.standing_at(taken[0].due_on + timedelta(days=1)),
        pytest.raises(RuleError, match="有效评分表 4 份，不足 5 份"),
    ):
        results.aggregate(session, application.id, lead)


def test_nobody_but_the_lead_and_the_clock_aggregates(session, make, taken, application):
    score(make, taken, *["0.8"] * 7)

    with pytest.raises(NotAllowedError):
        results.aggregate(session, application.id, make.user(Role.EXPERT))


def test_a_second_click_makes_no_second_result(session, make, lead, taken, application):
    score(make, taken, *["0.8"] * 7)
    results.aggregate(session, application.id, lead)

    with pytest.raises(StaleError, match="评分表没有变化"):
        results.aggregate(session, application.id, lead)


def test_the_clock_aggregates_what_is_complete(session, make, taken, application, database, settings):
    score(make, taken, *["0.8"] * 7)
    session.commit()

    results.turn(hooks.Context(database, settings))

    session.refresh(application)
    made_by = session.scalars(
        select(TrailLine.actor_id).where(TrailLine.action == "application.aggregate")
    ).all()
    assert (application.state, made_by) == (State.SCORED, [None])


def test_the_clock_frees_the_seats_of_those_who_did_not_declare(session, make, database, settings):
    panel = make.panel(state=PanelState.FORMED)
    due_on, application_id = panel.assignments[0].due_on, panel.items[0].application_id
    session.commit()

    with clock.standing_at(due_on + timedelta(days=1)):
        results.turn(hooks.Context(database, settings))

    session.expire_all()
    states = [seat.state for seat in results.case(session, application_id).seats]
    assert states.count(AssignmentState.LAPSED) == 7
    assert states.count(AssignmentState.NOTIFIED) == 7


# --- far apart ----------------------------------------------------------------------------------------------------


def test_sheets_far_apart_are_discussed_once_more_and_both_results_are_kept(
    session, make, lead, taken, application
):
    score(make, taken, "0.4", *["0.8"] * 6)

    first = results.aggregate(session, application.id, lead)

    assert (first.is_wide, first.is_final, application.state) == (True, False, State.UNDER_REVIEW)
    assert (application.locked_sheets, application.official_score) == (0, None)
    score(make, taken, "0.4", *["0.8"] * 6)
    second = results.aggregate(session, application.id, lead)
    assert (second.is_wide, second.is_final, application.state) == (True, True, State.SCORED)
    assert [sheet["sheet"] for sheet in first.sheets] != [sheet["sheet"] for sheet in second.sheets]


def test_the_experts_are_told_of_a_rediscussion_but_not_of_the_others_scores(
    session, make, lead, taken, application
):
    score(make, taken, "0.4", *["0.8"] * 6)
    results.aggregate(session, application.id, lead)

    bodies = session.scalars(select(InboxMessage.body).where(InboxMessage.subject.startswith("请复议"))).all()
    assert len(bodies) == 7
    assert [body for body in bodies if "40" in body or application.product_name in body] == []


# --- a conflict that comes to light -------------------------------------------------------------------------------


def test_a_conflict_declared_after_scoring_excludes_the_sheet_and_counts_no_zero(
    session, make, lead, taken, application
):
    score(make, taken, *["0.8"] * 7)

    seat = recuse(session, taken)

    assert (application.open_conflicts, application.locked_sheets, application.panel_size) == (1, 6, 6)
    with pytest.raises(RuleError, match="还有未处理的回避事项"):
        results.aggregate(session, application.id, lead)
    seats.settle(session, seat, lead, refilling=False, reason="余下人数符合规定")
    assert results.aggregate(session, application.id, lead).score == 80_000


def test_a_conflict_declared_after_the_score_makes_a_second_one(session, make, lead, taken, application):
    score(make, taken, "0.6", "0.6", *["0.8"] * 5)
    assert results.aggregate(session, application.id, lead).score == 76_000

    seat = recuse(session, taken)
    with pytest.raises(RuleError, match="未处理的回避事项"):
        outcomes.refer(session, application.id, lead)
    seats.settle(session, seat, lead, refilling=False, reason="余下人数符合规定")
    with pytest.raises(RuleError, match="请先重新汇总得分"):
        outcomes.refer(session, application.id, lead)
    again = results.aggregate(session, application.id, lead)
    outcomes.refer(session, application.id, lead)

    assert (again.number, again.valid, application.official_score) == (2, 6, 80_000)
    assert application.state is State.COMMITTEE_PENDING


def test_a_late_recusal_can_be_followed_by_the_same_lot(session, make, lead, taken, application):
    score(make, taken, *["0.8"] * 7)
    results.aggregate(session, application.id, lead)
    seat = recuse(session, taken)

    seats.settle(session, seat, lead, refilling=True, reason="补足人数")
    new = results.case(session, application.id).waiting[0]
    seats.declare(session, seats.own(session, new.expert.user, new.id), new.expert.user)
    make.locked_sheet(new, share="0.9")
    again = results.aggregate(session, application.id, lead)

    assert (again.number, again.valid) == (2, 7)


def test_too_few_who_remain_must_be_filled_up(session, make, lead, taken, application):
    score(make, taken, *["0.8"] * 7)
    gone = [recuse(session, taken, number) for number in range(3)]

    with pytest.raises(RuleError, match="余下 4 位专家，不足 5 位"):
        seats.settle(session, gone[0], lead, refilling=False, reason="继续")


def test_a_recusal_is_settled_once(session, make, lead, taken):
    seat = recuse(session, taken)
    seats.settle(session, seat, lead, refilling=False, reason="继续")

    with pytest.raises(StaleError, match="已经处理过了"):
        seats.settle(session, seat, lead, refilling=True, reason="再补")


# --- what follows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "failing"),
    [
        ({"share": "0.6"}, NotSelectedReason.BELOW_MARK),
        ({"recommends": False}, NotSelectedReason.BELOW_SHARE),
        ({"vetoes": frozenset({"ip_dispute"}), "comment": "权属诉讼未结"}, NotSelectedReason.VETOED),
    ],
)
def test_a_product_below_the_line_is_not_selected_with_its_reason(
    session, make, lead, taken, application, values, failing
):
    for seat in taken:
        make.locked_sheet(seat, **values)
    results.aggregate(session, application.id, lead)

    outcomes.not_select(session, application.id, lead, comments="创新点与查新结论不一致。")

    assert (application.state, application.reason_code) == (State.NOT_SELECTED, failing)
    with pytest.raises(StaleError):
        outcomes.not_select(session, application.id, lead, comments="")


def test_a_product_above_the_line_cannot_be_turned_away(session, make, lead, taken, application):
    score(make, taken, *["0.8"] * 7)
    results.aggregate(session, application.id, lead)

    with pytest.raises(RuleError, match="已达入选线，应提交编审委员会"):
        outcomes.not_select(session, application.id, lead, comments="")


def test_a_product_below_the_line_comes_before_the_committee_by_motion_only(
    session, make, lead, taken, application
):
    score(make, taken, *["0.6"] * 7)
    results.aggregate(session, application.id, lead)

    with pytest.raises(RuleError, match="须先有书面动议"):
        outcomes.refer(session, application.id, lead)
    with pytest.raises(RuleError, match="动议理由：必填"):
        outcomes.move_below_line(session, application.id, lead, reason="")
    outcomes.move_below_line(session, application.id, lead, reason="填补国内空白")
    outcomes.refer(session, application.id, lead)

    assert application.state is State.COMMITTEE_PENDING


def test_the_comments_are_cleared_of_names(session, make, lead, taken, application):
    first = taken[0].expert
    make.locked_sheet(
        taken[0],
        share="0.6",
        comment=f"{first.institution}的{first.user.display_name}认为依据不足",
    )
    for seat in taken[1:]:
        make.locked_sheet(seat, share="0.6")
    results.aggregate(session, application.id, lead)

    text = outcomes.draft_comments(session, results.case(session, application.id))

    assert "总体意见：××的××认为依据不足" in text.splitlines()


def test_comments_that_name_an_expert_are_not_sent(session, make, lead, taken, application):
    score(make, taken, *["0.6"] * 7)
    results.aggregate(session, application.id, lead)

    with pytest.raises(RuleError, match="含有评审专家的姓名或者工作单位"):
        outcomes.not_select(session, application.id, lead, comments=taken[0].expert.user.display_name)


def test_the_letter_says_reason_and_rule_and_nobody_s_score(session, make, lead, taken, application):
    applicant = make.applicant(application.organization)
    score(make, taken, *["0.6"] * 7)
    results.aggregate(session, application.id, lead)
    outcomes.not_select(session, application.id, lead, comments="依据不足")

    body = session.scalars(select(InboxMessage.body).where(InboxMessage.user_id == applicant.id)).all()[-1]
    assert "平均分未达分数线。规则：平均分不低于 70 分" in body
    assert [
        word for word in ("60.00", *(seat.expert.user.display_name for seat in taken)) if word in body
    ] == []


def test_a_new_panel_after_an_objection_has_other_members(session, make, lead, taken, application):
    score(make, taken, *["0.8"] * 7)
    results.aggregate(session, application.id, lead)
    outcomes.refer(session, application.id, lead)
    before = {seat.expert_id for seat in taken}
    application.state = State.ACCEPTED  # as the chair orders it from an objection
    for _ in range(9):
        make.expert()

    again = make.panel(application)

    assert {seat.expert_id for seat in again.assignments} & before == set()
    assert session.scalars(select(ReviewResult.number)).all() == [1]
    assert application.official_score is None
