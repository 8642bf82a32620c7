from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from registry import accounts
from registry.errors import NotAllowedError, NotFoundError, RuleError, StaleError
from registry.models import Application, InboxMessage, PolicyParameter, Role, State, TrailDetail, TrailLine
from review import seats, sheets
from review.models import Assignment, AssignmentState, PanelState, Relation, ScoreSheet
from review.sheets import SheetError, Typed
from tests.factories import Make
from tests.processes import race


@pytest.fixture
def panel(make):
    return make.panel()


@pytest.fixture
def seat(session, panel):
    first = panel.assignments[0]
    return seats.own(session, first.expert.user, first.id)


@pytest.fixture
def lead(make):
    return make.user(Role.SECRETARIAT_LEAD)


def typed(seat, share="0.8", **values):
    rubric = sheets.rubric(seat.panel.round, seat.application)
    return Typed(
        **{
            "points": {one.key: str(one.weight * Decimal(share)) for one in rubric},
            "reasons": {},
            "recommends": True,
            **values,
        }
    )


# --- saving and locking -------------------------------------------------------------------------------------------


def test_a_sheet_is_saved_as_far_as_it_is_filled(session, seat):
    saved = sheets.save(
        session, seat, seat.expert.user, typed=Typed({"innovation": "20"}, {"ip": "权属清晰"}), version=None
    )

    found = {item.criterion: (item.points, item.reason) for item in saved.items}
    assert (found["innovation"], found["ip"]) == ((20_000, ""), (None, "权属清晰"))
    assert (seat.state, saved.locked_at) == (AssignmentState.SCORING, None)


def test_a_locked_sheet_counts_with_its_total_and_hash(session, seat):
    locked = sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)

    assert (locked.total, locked.hash) == (80_000, sheets.content_hash(locked))
    assert (seat.state, seat.application.locked_sheets) == (AssignmentState.LOCKED, 1)


def test_a_sheet_says_everything_that_is_missing_when_it_is_locked(session, seat):
    with pytest.raises(SheetError) as refused:
        sheets.lock(
            session, seat, seat.expert.user, version=None,
            typed=Typed({"innovation": "5"}, {}, vetoes=frozenset({"ip_dispute"})),
        )  # fmt: skip

    assert [problem.parameter for problem in refused.value.each] == [
        "reason-innovation",
        "points-advancement",
        "points-ip",
        "points-quality",
        "points-market",
        "points-society",
        "recommends",
        "comment",
    ]


def test_a_locked_sheet_takes_no_further_word(session, seat):
    locked = sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)

    with pytest.raises(StaleError, match="评分表已锁定"):
        sheets.save(session, seat, seat.expert.user, typed=typed(seat, "0.7"), version=locked.version_id)


def test_a_sheet_saved_in_another_window_is_not_overwritten(session, seat):
    sheets.save(session, seat, seat.expert.user, typed=typed(seat), version=None)

    with pytest.raises(StaleError, match="另一处保存"):
        sheets.save(session, seat, seat.expert.user, typed=typed(seat, "0.7"), version=None)


def test_nobody_scores_on_another_s_sheet(session, panel, seat):
    with pytest.raises(NotAllowedError):
        sheets.save(session, seat, panel.assignments[1].expert.user, typed=typed(seat), version=None)


def test_nobody_scores_before_the_review_begins(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]
    seats.declare(session, seat, seat.expert.user)

    with pytest.raises(StaleError, match="评审还没有开始"):
        sheets.save(session, seat, seat.expert.user, typed=typed(seat), version=None)


def test_nobody_scores_without_having_declared(session, make):
    panel = make.panel(state=PanelState.FORMED)
    seat = panel.assignments[0]

    with pytest.raises(NotAllowedError):
        sheets.save(session, seat, seat.expert.user, typed=typed(seat), version=None)


def test_a_recused_expert_scores_no_more(session, seat):
    user = seat.expert.user
    seats.recuse(session, seat, user, relation=Relation.KIN, reason="亲属任职")

    with pytest.raises(NotAllowedError):
        sheets.save(session, seat, user, typed=typed(seat), version=None)


def test_an_answer_that_comes_after_the_score_is_refused(session, seat):
    seat.application.state = State.SCORED
    seat.application.official_score, seat.application.recommend_share = 80_000, 1_000
    seat.state = AssignmentState.LAPSED
    session.flush()

    with pytest.raises(StaleError, match="评分已经截止"):
        sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)


def test_the_rubric_is_the_one_that_the_round_froze(session, seat):
    row = session.scalars(select(PolicyParameter).where(PolicyParameter.key == "rubric.CX")).one()
    row.value = [{**row.value[0], "weight": 100}]
    session.flush()

    assert len(sheets.rubric(seat.panel.round, seat.application)) == 6


# --- reopening ----------------------------------------------------------------------------------------------------


def test_an_unlocked_sheet_keeps_the_old_one_and_tells_the_expert(session, seat, lead):
    old = sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)

    sheets.unlock(session, seat, lead, reason="两项评分填反")

    new = sheets.current(session, seat)
    assert (old.total, old.replaced_reason, old.hash) == (80_000, "两项评分填反", sheets.content_hash(old))
    assert (new.number, new.locked_at, len(new.items)) == (2, None, 6)
    assert (seat.state, seat.application.locked_sheets) == (AssignmentState.SCORING, 0)
    assert session.scalars(
        select(InboxMessage.user_id).where(InboxMessage.subject.startswith("评分表已退回修改"))
    ).all() == [seat.expert.user_id]


def test_unlocking_needs_a_reason_and_the_lead(session, make, seat, lead):
    sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)

    with pytest.raises(RuleError, match="理由：必填"):
        sheets.unlock(session, seat, lead, reason=" ")
    with pytest.raises(NotAllowedError):
        sheets.unlock(session, seat, make.user(Role.FORMAL_REVIEWER), reason="要改")


def test_a_second_unlocking_is_refused(session, seat, lead):
    sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)
    sheets.unlock(session, seat, lead, reason="填反")

    with pytest.raises(StaleError, match="不能退回"):
        sheets.unlock(session, seat, lead, reason="填反")


# --- who sees what ------------------------------------------------------------------------------------------------


def test_the_lead_sees_a_sheet_once_it_is_locked(session, seat, lead):
    saved = sheets.save(session, seat, seat.expert.user, typed=typed(seat), version=None)
    with pytest.raises(NotFoundError):
        sheets.seen(session, lead, saved.id)

    sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=saved.version_id)

    assert sheets.seen(session, lead, saved.id).total == 80_000


def test_nobody_else_sees_a_locked_sheet(session, make, seat):
    locked = sheets.lock(session, seat, seat.expert.user, typed=typed(seat), version=None)

    for role in set(Role) - {Role.SECRETARIAT_LEAD}:
        with pytest.raises(NotFoundError):
            sheets.seen(session, make.user(role), locked.id)


def test_the_trail_holds_no_points_and_no_vote(session, seat, lead):
    sheets.lock(session, seat, seat.expert.user, typed=typed(seat, comment="总体很好"), version=None)
    sheets.unlock(session, seat, lead, reason="填反")

    details = session.scalars(
        select(TrailDetail.detail)
        .join(TrailLine, TrailLine.seq == TrailDetail.seq)
        .where(TrailLine.action.startswith("sheet."))
    ).all()
    assert [set(detail) for detail in details] == [
        {"sheet", "number", "hash"},
        {"sheet", "number", "reason"},
    ]


# --- two at a time ------------------------------------------------------------------------------------------------


def _lock(database, gate, number, assignment_ids):
    """Lock the process's own sheet."""
    with database.reading() as session:
        seat = session.scalars(
            select(Assignment)
            .where(Assignment.id == assignment_ids[number])
            .options(joinedload(Assignment.expert))
        ).one()
        user = accounts.find(session, seat.expert.user_id)
    gate.wait()
    try:
        with database.transaction() as session:
            seat = seats.own(session, user, assignment_ids[number])
            sheets.lock(session, seat, user, typed=typed(seat), version=None)
        return "locked"
    except (StaleError, StaleDataError, IntegrityError):
        return "refused"


@pytest.fixture
def racing(fresh_database):
    """Return the ids of the seats of a panel under review, really committed."""
    with fresh_database.transaction() as session:
        panel = Make(session).panel()
        return [seat.id for seat in panel.assignments]


def test_one_sheet_locked_from_two_windows_at_once_is_locked_once(fresh_database, racing):
    assert sorted(race(fresh_database.engine.url, _lock, [racing[0], racing[0]])) == ["locked", "refused"]
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ScoreSheet)) == 1


def test_two_experts_who_lock_at_once_are_both_counted(fresh_database, racing):
    assert race(fresh_database.engine.url, _lock, [racing[0], racing[1]]) == ["locked", "locked"]
    with fresh_database.reading() as session:
        assert session.scalars(select(Application.locked_sheets)).one() == 2
