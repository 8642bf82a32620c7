"""A conflict that comes to light before the committee: the sheet counts no more, the score is made again, all are asked anew."""

import pytest
from sqlalchemy import select

from registry.errors import NotAllowedError, RuleError, StaleError
from registry.models import Action, Decision, InboxMessage, Role, State
from registry.workflow import advance
from review import outcomes, results, seats
from review.committee import decisions, recalling
from review.committee.models import SittingState
from review.models import Relation
from tests.review.committee.factories import LEADS


@pytest.fixture
def lead(make):
    """Return a lead of the secretariat."""
    return make.user(Role.SECRETARIAT_LEAD)


@pytest.fixture
def chair(make):
    """Return the committee's chair."""
    return make.user(Role.COMMITTEE_CHAIR)


@pytest.fixture
def panel(make):
    """Return a panel that gave one sheet of 60 points among sheets of 80."""
    panel = make.panel()
    for seat, share in zip(panel.assignments, ["0.6", "0.6", *["0.8"] * 5], strict=True):
        make.locked_sheet(seat, share=share)
    return panel


@pytest.fixture
def product(session, panel, lead):
    """Return the panel's product, before the committee."""
    application = panel.items[0].application
    results.aggregate(session, application.id, lead)
    outcomes.refer(session, application.id, lead)
    return application


def recuse(session, panel, number=0):
    seat = seats.own(session, panel.assignments[number].expert.user, panel.assignments[number].id)
    seats.recuse(session, seat, seat.expert.user, relation=Relation.KIN, reason="亲属在该单位任职")
    return seat


def test_a_product_with_an_open_conflict_is_decided_neither_way(session, make, files, panel, product, chair):
    sitting = make.voted(make.sitting(product), make.committee(), files)
    recuse(session, panel)

    with pytest.raises(RuleError, match="还有未处理的回避事项"):
        decisions.decide(
            session, make.seen(sitting), chair, item_id=sitting.items[0].id, decision=Decision.APPROVED
        )


def test_a_recusal_is_not_settled_before_the_product_is_recalled(session, panel, product, lead):
    with pytest.raises(RuleError, match="须先退回评审"):
        seats.settle(session, recuse(session, panel), lead, refilling=False, reason="余下人数符合规定")


def test_a_recalled_product_is_scored_without_the_sheet_and_referred_again(
    session, make, panel, product, lead
):
    user = make.representative(LEADS[0]).user
    sitting = make.sitting(product)
    assert product.official_score == 76_000
    seat = recuse(session, panel)

    recalling.recall(session, product.id, lead)

    assert (product.state, product.is_on_agenda) == (State.SCORED, False)
    assert make.seen(sitting).items[0].ended_at is not None
    told = session.scalars(select(InboxMessage.subject).where(InboxMessage.user_id == user.id)).all()
    assert told[-1] == f"产品退回评审：{product.product_name}"
    with pytest.raises(RuleError, match="还有未处理的回避事项"):
        outcomes.refer(session, product.id, lead)
    seats.settle(session, seat, lead, refilling=False, reason="余下人数符合规定")
    assert results.aggregate(session, product.id, lead).valid == 6
    outcomes.refer(session, product.id, lead)
    assert (product.state, product.official_score) == (State.COMMITTEE_PENDING, 80_000)
    assert make.sitting(product).items[0].application is product


def test_a_decision_on_a_score_that_falls_falls_with_it(session, make, files, panel, product, lead, chair):
    sitting = make.voted(make.sitting(product), make.committee(), files)
    decisions.decide(session, sitting, chair, item_id=sitting.items[0].id, decision=Decision.APPROVED)
    recuse(session, panel)

    recalling.recall(session, product.id, lead)

    assert (product.state, product.decision, product.decided_on) == (State.SCORED, None, None)
    item = make.seen(sitting).items[0]
    assert (item.decision, sitting.state) == (Decision.APPROVED, SittingState.CLOSED)


def test_nothing_is_recalled_without_a_conflict_or_twice_or_by_others(session, make, panel, product, lead):
    with pytest.raises(RuleError, match="没有未处理的回避事项"):
        recalling.recall(session, product.id, lead)
    recuse(session, panel)
    with pytest.raises(NotAllowedError):
        recalling.recall(session, product.id, make.user(Role.COMMITTEE_CHAIR))
    recalling.recall(session, product.id, lead)

    with pytest.raises(StaleError):
        recalling.recall(session, product.id, lead)


def test_a_conflict_found_after_the_notice_is_noted_and_changes_no_evidence(session, panel, product, lead):
    product.decision, product.notice_closes_on = Decision.APPROVED, product.accepted_on
    product.leak_scan_at, product.state = product.state_since, State.IN_NOTICE

    seat = recuse(session, panel)
    seats.settle(session, seat, lead, refilling=False, reason="另行核查，不影响评审结论")

    assert (product.open_conflicts, product.locked_sheets, product.official_score) == (0, 7, 76_000)


# --- an earlier panel ---------------------------------------------------------------------------------------------


@pytest.fixture
def ordered(session, make, product, chair):
    """Return the product as a chair sends it to a new panel, with enough other experts in the pool."""
    product.decision, product.notice_closes_on = Decision.APPROVED, product.accepted_on
    product.leak_scan_at, product.open_objections = product.state_since, 1
    product.state = State.OBJECTION_HOLD
    session.flush()
    advance(session, product, chair, Action.ORDER_NEW_PANEL)
    make.experts()
    return product


def test_a_conflict_in_an_earlier_panel_leaves_the_new_one_alone(session, make, panel, ordered):
    again = make.panel(ordered)
    make.locked_sheet(again.assignments[0])
    evidence = (ordered.panel_size, ordered.locked_sheets, ordered.open_conflicts)

    seat = recuse(session, panel)

    assert (ordered.panel_size, ordered.locked_sheets, ordered.open_conflicts) == evidence == (7, 1, 0)
    assert seat.settled_at is not None


def test_a_conflict_in_an_earlier_panel_seats_nobody_in_it(session, panel, ordered):
    seat = recuse(session, panel)

    assert (seat.settlement, len(results.case(session, ordered.id).seats)) == (
        "产品已另行组织评审，原评分不再使用",
        7,
    )


def test_nobody_is_appointed_to_a_panel_whose_review_is_over(session, make, panel, product, lead):
    seat = recuse(session, panel)

    with pytest.raises(StaleError, match="评审已经结束"):
        seats.appoint(session, seat.panel, product, lead, expert=make.expert(), reason="序列用尽")
