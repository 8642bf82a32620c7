from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import clock
from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import Action, Capacity, InboxMessage, Participation, Role, RoundState, State
from registry.workflow import advance
from review import draw, experts, panels, pool, seats
from review.models import Assignment, AssignmentState, Exclusion, ExpertKind, PanelState, Relation


@pytest.fixture
def lead(make):
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def application(make):
    return make.application(state=State.ACCEPTED, panel_size=0)


def standing(session, application):
    return session.scalars(
        select(Assignment).where(
            Assignment.application_id == application.id,
            Assignment.state.in_(["notified", "declared", "scoring", "locked"]),
        )
    ).all()


# --- preparing and drawing ----------------------------------------------------------------------------------------


def test_a_prepared_panel_shows_hash_and_commitment_and_moves_the_round_on(session, make, lead, application):
    make.experts()
    application.round.state = RoundState.CLOSED

    panel = panels.prepare(session, lead, [application])

    assert panel.pool_hash == draw.pool_hash(pool.of_panel(panel))
    assert panel.commitment == draw.commitment(panel.secret)
    assert application.round.state is RoundState.REVIEWING


def test_the_pool_names_nobody(session, make, lead, application):
    people = make.experts()

    text = str(panels.proof(panels.prepare(session, lead, [application])))

    assert [one for one in people if one.user.display_name in text or one.institution in text] == []


def test_a_product_cannot_be_before_two_panels(session, make, lead, application):
    make.experts()
    panels.prepare(session, lead, [application])

    with pytest.raises(StaleError, match="已编入专家组"):
        panels.prepare(session, lead, [application])


def test_a_product_that_is_not_accepted_gets_no_panel(session, make, lead):
    with pytest.raises(StaleError, match="不在待评审状态"):
        panels.prepare(session, lead, [make.application(state=State.FORMAL_REVIEW)])


def test_a_group_is_of_one_field(session, make, lead, application):
    other = make.application(state=State.ACCEPTED, round=application.round)
    other.field = "AM" if application.field != "AM" else "IC"

    with pytest.raises(RuleError, match="同一产业领域"):
        panels.prepare(session, lead, [application, other])


def test_a_group_is_no_larger_than_the_policy_says(session, make, lead, application):
    application.round.policy = {
        **application.round.policy,
        "review.panel": {"value": {**application.round.policy["review.panel"]["value"], "group_at_most": 1}},
    }
    other = make.application(state=State.ACCEPTED, round=application.round)

    with pytest.raises(RuleError, match="不超过 1 个"):
        panels.prepare(session, lead, [application, other])


def test_nobody_but_the_lead_prepares_a_panel(session, make, application):
    with pytest.raises(NotAllowedError):
        panels.prepare(session, make.user(Role.FORMAL_REVIEWER), [application])


def test_a_drawn_panel_can_be_drawn_again_from_its_proof(make):
    panel = make.panel(state=PanelState.DRAWN)

    assert draw.replay(panels.proof(panel)) == []
    assert len(panel.assignments) == 7


def test_a_drawn_panel_cannot_be_cancelled_or_drawn_again(session, make, lead):
    panel = make.panel(state=PanelState.DRAWN)

    with pytest.raises(StaleError, match="不能取消"):
        panels.cancel(session, panel, lead, reason="不合意")
    with pytest.raises(StaleError, match="不能抽取"):
        panels.draw_lot(session, panel, lead, public_value="1")


def test_a_cancelled_panel_gives_its_products_back(session, make, lead, application):
    make.experts()
    panel = panels.whole(session, panels.prepare(session, lead, [application]).id)

    panels.cancel(session, panel, lead, reason="专家库需要补充")
    again = panels.prepare(session, lead, [application])

    assert (panel.state, again.state) == (PanelState.CANCELLED, PanelState.PREPARED)


def test_a_draw_needs_the_public_value(session, make, lead):
    panel = make.panel(state=PanelState.PREPARED)

    with pytest.raises(RuleError, match=r"^公开随机数：必填"):
        panels.draw_lot(session, panel, lead, public_value=" ")


@pytest.mark.parametrize("slip", ["27182a", "271 828", "２７１８２８"])
def test_a_slip_in_the_public_value_is_refused_before_it_is_drawn_with(session, make, lead, slip):
    panel = make.panel(state=PanelState.PREPARED)

    with pytest.raises(RuleError, match="只填数字"):
        panels.draw_lot(session, panel, lead, public_value=slip)
    assert panel.state is PanelState.PREPARED


def test_a_draw_from_too_small_a_pool_is_refused(session, make, lead, application):
    make.experts(technical=3, user=1, finance=0)
    panel = panels.whole(session, panels.prepare(session, lead, [application]).id)

    with pytest.raises(RuleError, match="专家不足"):
        panels.draw_lot(session, panel, lead, public_value="1")


def test_a_fallback_is_kept_with_the_draw(session, make, lead, application):
    make.experts(technical=3)
    for _ in range(4):
        make.expert(fields=[])

    panel = panels.whole(session, panels.prepare(session, lead, [application]).id)
    panels.draw_lot(session, panel, lead, public_value="1")

    assert panel.steps[0]["relaxed"] == {"field": 1}


# --- who is left out ----------------------------------------------------------------------------------------------


def excluded(session, lead, application, expert):
    panel = panels.prepare(session, lead, [application])
    code = pool.code_of(panel.salt, expert)
    return next(line["exclusion"] for line in panel.pool if line["code"] == code)


def affiliation(session, expert, unit, **values):
    return experts.affiliate(
        session, expert, expert.user, name=unit.name,
        **{"relation": Relation.EMPLOYMENT, "from_on": None, "until_on": None, **values},
    )  # fmt: skip


def test_an_expert_of_the_applicant_is_left_out(session, make, lead, application):
    expert = make.expert(user=make.user(Role.EXPERT, organization=application.organization))

    assert excluded(session, lead, application, expert) == Exclusion.SAME_UNIT


def test_an_expert_whose_institution_is_the_applicant_is_left_out_however_it_is_written(
    session, make, lead, application
):
    application.organization.name = "示例（上海）设备有限公司"

    expert = make.expert(institution="示例(上海) 设备有限公司")

    assert excluded(session, lead, application, expert) == Exclusion.SAME_UNIT


def test_a_tie_that_lasts_leaves_out(session, make, lead, application):
    expert = make.expert()
    affiliation(session, expert, application.organization, relation=Relation.SHAREHOLDER)

    assert excluded(session, lead, application, expert) == Exclusion.SAME_UNIT


@pytest.mark.parametrize(("days", "left_out"), [(0, "recent_unit"), (1, None)])
def test_a_tie_leaves_out_for_the_years_of_the_policy_and_no_day_longer(
    session, make, lead, application, days, left_out
):
    expert = make.expert()
    today = clock.today()
    ended = today.replace(year=today.year - 3) - timedelta(days=days)
    affiliation(session, expert, application.organization, until_on=ended)

    assert excluded(session, lead, application, expert) == left_out


def test_an_expert_tied_to_a_unit_that_was_merged_is_left_out(session, make, lead, application):
    old = make.organization(merged_into_id=application.organization_id)
    expert = make.expert()
    affiliation(session, expert, old)

    assert excluded(session, lead, application, expert) == Exclusion.SAME_UNIT


def test_who_examined_the_application_is_left_out(session, make, lead, application):
    expert = make.expert()
    session.add(
        Participation(
            application_id=application.id, user_id=expert.user_id, capacity=Capacity.FORMAL_REVIEWER,
            since=clock.now(),
        )
    )  # fmt: skip

    assert excluded(session, lead, application, expert) == Exclusion.OTHER_CAPACITY


def test_an_expert_who_is_away_is_left_out(session, make, lead, application):
    assert excluded(session, lead, application, make.expert(is_available=False)) == Exclusion.NOT_AVAILABLE


def test_a_tie_declared_between_freezing_and_drawing_is_respected(session, make, lead, application):
    only_user = make.experts(user=1)[10]
    panel = panels.whole(session, panels.prepare(session, lead, [application]).id)
    affiliation(session, only_user, application.organization)

    panels.draw_lot(session, panel, lead, public_value="1")

    assert only_user.id not in {seat.expert_id for seat in panel.assignments}
    assert draw.replay(panels.proof(panel)) == []


# --- forming, declaring, beginning --------------------------------------------------------------------------------


def test_forming_moves_the_product_and_calls_the_members(session, make):
    panel = make.panel(state=PanelState.FORMED)
    application = panel.items[0].application

    assert application.state is State.PANEL_READY
    assert (application.panel_size, application.min_panel, application.open_conflicts) == (7, 5, 0)
    assert {seat.state for seat in panel.assignments} == {AssignmentState.NOTIFIED}
    told = session.scalars(
        select(InboxMessage.user_id).where(InboxMessage.subject.startswith("请作出回避声明"))
    ).all()
    assert sorted(told) == sorted(seat.expert.user_id for seat in panel.assignments)


def test_the_review_does_not_begin_before_everybody_declared(session, make, lead):
    panel = make.panel(state=PanelState.FORMED)

    with pytest.raises(RuleError, match="还有 7 位专家没有作出回避声明"):
        panels.begin(session, panel, lead)


def test_beginning_opens_the_sheets_with_a_day(session, make):
    panel = make.panel()

    assert panel.items[0].application.state is State.UNDER_REVIEW
    assert {seat.due_on for seat in panel.assignments} == {
        seats.due(session, panel.round, "review.scoring_days")
    }


@pytest.mark.parametrize("act", [panels.form, panels.begin])
def test_a_second_click_is_refused(session, make, lead, act):
    panel = make.panel()

    with pytest.raises(StaleError, match="请刷新页面"):
        act(session, panel, lead)


def test_a_withdrawn_product_holds_nobody_up(session, make, lead):
    call = make.round()
    first, second = (make.application(state=State.ACCEPTED, round=call) for _ in range(2))
    panel = make.panel(first, second, state=PanelState.DRAWN)
    signatory = make.applicant(second.organization)
    advance(session, second, signatory, Action.WITHDRAW)

    panels.form(session, panel, lead)

    assert (first.state, second.state) == (State.PANEL_READY, State.WITHDRAWN)


def test_a_declaration_notes_the_capacity_of_an_expert(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]

    seats.declare(session, seat, seat.expert.user)

    noted = session.get(Participation, (seat.application_id, seat.expert.user_id))
    assert (seat.state, noted.capacity) == (AssignmentState.DECLARED, Capacity.EXPERT)


def test_a_declaration_against_a_known_tie_is_refused(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]
    affiliation(session, seat.expert, panel.items[0].application.organization)

    with pytest.raises(RuleError, match="与“没有利害关系”不符（与申报单位有现时关系）"):
        seats.declare(session, seat, seat.expert.user)


def test_nobody_declares_for_another(session, make):
    panel = make.panel(state=PanelState.FORMED)

    with pytest.raises(NotAllowedError):
        seats.declare(session, panel.assignments[0], panel.assignments[1].expert.user)


# --- dropping out -------------------------------------------------------------------------------------------------


def test_a_recusal_before_the_review_is_followed_at_once_by_the_same_lot(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]
    application = panel.items[0].application

    seats.recuse(session, seat, seat.expert.user, relation=Relation.KIN, reason="亲属在该单位任职")

    session.expire(panel)
    panel = panels.whole(session, panel.id)
    assert (application.panel_size, application.open_conflicts) == (7, 0)
    assert [step["picked"] for step in panel.steps[1:]] == [[panel.assignments[-1].code]]
    assert draw.replay(panels.proof(panel)) == []


def test_a_group_loses_an_expert_for_the_product_in_conflict_only(session, make):
    call = make.round()
    products = [make.application(state=State.ACCEPTED, round=call) for _ in range(2)]
    panel = make.panel(*products, state=PanelState.FORMED)
    seat = panel.assignments[0]

    seats.recuse(session, seat, seat.expert.user, relation=Relation.OTHER, reason="曾经合作")

    others = [one for one in panel.assignments if one.expert_id == seat.expert_id and one is not seat]
    assert [(one.application_id, one.state) for one in others] == [
        (
            products[1].id if seat.application_id == products[0].id else products[0].id,
            AssignmentState.NOTIFIED,
        )
    ]


def test_who_declines_is_followed_and_leaves_no_open_conflict(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]

    seats.decline(session, seat, seat.expert.user, reason="出差")

    application = panel.items[0].application
    assert (seat.state, application.panel_size, application.open_conflicts) == (
        AssignmentState.DECLINED, 7, 0,
    )  # fmt: skip


def test_a_pool_that_runs_out_leaves_a_smaller_panel_down_to_the_least_and_then_an_open_conflict(
    session, make, application
):
    make.experts(technical=4, user=1, finance=1)
    panel = make.panel(application, state=PanelState.FORMED)
    found = []
    for seat in list(panel.assignments)[:3]:
        seats.recuse(session, seat, seat.expert.user, relation=Relation.OTHER, reason="曾经合作")
        found.append((application.panel_size, application.open_conflicts))

    assert found == [(5, 0), (4, 1), (3, 2)]


def test_an_expert_can_be_appointed_when_the_lot_is_exhausted(session, make, lead, application):
    make.experts(technical=3, user=1, finance=1)
    panel = make.panel(application, state=PanelState.FORMED)
    seat = panel.assignments[0]
    seats.recuse(session, seat, seat.expert.user, relation=Relation.OTHER, reason="曾经合作")
    new = make.expert()

    seats.appoint(session, panel, application, lead, expert=new, reason="抽取序列用尽")
    seats.settle(session, seat, lead, refilling=False, reason="已手工补充")

    assert (application.panel_size, application.open_conflicts) == (5, 0)
    assert [one.reason_appointed for one in standing(session, application) if one.expert_id == new.id] == [
        "抽取序列用尽"
    ]


def test_an_expert_in_conflict_cannot_be_appointed(session, make, lead, application):
    make.experts(technical=3, user=1, finance=1)
    panel = make.panel(application, state=PanelState.FORMED)
    tied = make.expert(user=make.user(Role.EXPERT, organization=application.organization))

    with pytest.raises(RuleError, match="与申报单位有现时关系，不得评审这个产品"):
        seats.appoint(session, panel, application, lead, expert=tied, reason="抽取序列用尽")


def test_a_full_panel_takes_nobody_by_hand(session, make, lead):
    panel = make.panel(state=PanelState.FORMED)

    with pytest.raises(RuleError, match="已经满员"):
        seats.appoint(session, panel, panel.items[0].application, lead, expert=make.expert(), reason="更合适")


def test_who_does_not_declare_in_time_is_followed(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]

    seats.lapse(session, seat)

    assert seat.state is AssignmentState.LAPSED
    assert panel.items[0].application.panel_size == 7


def test_a_user_side_seat_is_refilled_from_the_user_side(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = next(one for one in panel.assignments if one.expert.kind is ExpertKind.USER)
    others = [one for one in panel.assignments if one.expert.kind is ExpertKind.USER and one is not seat]
    for one in [seat, *others]:
        seats.decline(session, one, one.expert.user, reason="出差")

    kinds = [one.expert.kind for one in panels.whole(session, panel.id).assignments if one.is_standing]
    assert ExpertKind.USER in kinds
