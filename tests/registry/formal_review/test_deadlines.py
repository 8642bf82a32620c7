"""Days: when examination is due, when a correction lapses, over the turn of 2026 to 2027 and its open calendar."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from registry import calendar, clock, formal_review
from registry.applications import held
from registry.calendar import WorkCalendar
from registry.errors import RuleError
from registry.formal_review import deadlines, work
from registry.formal_review.correcting import save_answers
from registry.hooks import Context
from registry.models import (
    Application,
    CalendarOverride,
    CheckVerdict,
    CorrectionLetter,
    InboxMessage,
    Role,
    State,
)

PUBLISHED = WorkCalendar({})
CLOSE = datetime.combine(date(2026, 12, 18), time(17), clock.BEIJING)
ASKED_ON = date(2026, 12, 25)
DUE_ON = date(2027, 1, 8)  # ten working days later by the weekday rule: 28-31 December, 1, 4-8 January


@pytest.fixture
def examiner(make):
    """Return an examiner."""
    return make.user(Role.FORMAL_REVIEWER)


@pytest.fixture
def corrected(session, make, examiner):
    """Return a function that makes an application whose correction was asked for on a day."""

    def corrected(on=ASKED_ON):
        with clock.standing_at(on):
            application = make.application(
                state=State.FORMAL_REVIEW,
                round=make.round(opens_at=CLOSE - timedelta(days=30), closes_at=CLOSE),
            )
            formal_review.begin(session, application, examiner)
            rows = formal_review.looking.items(session, application)
            judged = {row.key: formal_review.Judgement(CheckVerdict.PASSED) for row in rows}
            judged["rights"] = formal_review.Judgement(CheckVerdict.FAILED, "缺证明。")
            formal_review.judge(session, application, examiner, judged)
            formal_review.require_correction(session, application, examiner)
        session.commit()
        return application

    return corrected


@pytest.fixture
def turn(database, settings, session):
    """Return a function that runs the clock on a day."""

    def turn(on):
        session.commit()
        with clock.standing_at(on):
            work.turn(Context(database, settings))
        for row in session.identity_map.values():
            if isinstance(row, (Application, CorrectionLetter)):
                session.expire(row, [column.key for column in row.__mapper__.column_attrs])

    return turn


def subjects(session, application):
    query = select(InboxMessage.subject).where(InboxMessage.application_id == application.id)
    return [subject.partition("：")[0] for subject in session.scalars(query.order_by(InboxMessage.id))]


# --- examination --------------------------------------------------------------------------------------------------


def test_examination_is_due_a_number_of_working_days_after_the_close(make):
    call = make.round(closes_at=CLOSE)
    early = make.application(state=State.SUBMITTED, round=call, state_since=CLOSE - timedelta(days=9))

    assert deadlines.due_on(PUBLISHED, early) == PUBLISHED.add(date(2026, 12, 18), 20)


def test_a_corrected_application_is_due_sooner_counted_from_its_answer(make):
    back = make.application(
        state=State.FORMAL_REVIEW, round=make.round(closes_at=CLOSE), correction_rounds=1,
        state_since=CLOSE + timedelta(days=20),
    )  # fmt: skip

    assert deadlines.due_on(PUBLISHED, back) == PUBLISHED.add(date(2027, 1, 7), 5)


@pytest.mark.parametrize("state", [State.DRAFT, State.ACCEPTED, State.NOT_ACCEPTED, State.WITHDRAWN])
def test_what_waits_for_nobody_here_has_no_due_day(make, state):
    assert deadlines.due(PUBLISHED, make.application(state=state)) is None


def test_a_round_keeps_the_days_that_it_froze(make):
    call = make.round(closes_at=CLOSE)
    call.policy = {**call.policy, "formal.working_days": {"id": 0, "value": 3}}
    application = make.application(state=State.FORMAL_REVIEW, round=call, state_since=CLOSE)

    assert deadlines.due_on(PUBLISHED, application) == date(2026, 12, 23)


def test_the_days_left_are_counted_to_and_past_the_due_day(make):
    call = make.round(closes_at=CLOSE)
    application = make.application(state=State.FORMAL_REVIEW, round=call, state_since=CLOSE)
    on = deadlines.due_on(PUBLISHED, application)

    def left(day):
        with clock.standing_at(day):
            return deadlines.due(PUBLISHED, application).left

    assert [left(on), left(PUBLISHED.add(on, 2))] == [0, -2]
    assert left(date(2026, 12, 18)) == 20


# --- correction over the turn of the year -------------------------------------------------------------------------


def test_a_correction_over_the_new_year_is_due_provisionally(corrected):
    application = corrected()

    assert application.correction_due_on == DUE_ON
    assert calendar.WorkCalendar({}).label(DUE_ON) == "2027年1月8日（暂定）"


def test_it_lapses_at_the_turn_of_the_day_after(session, corrected, turn):
    application = corrected()

    turn(datetime.combine(DUE_ON, time(23, 59), clock.BEIJING))
    assert application.state is State.CORRECTION_REQUIRED

    turn(datetime.combine(DUE_ON + timedelta(days=1), time(0, 1), clock.BEIJING))
    assert (application.state, application.reason_code) == (State.NOT_ACCEPTED, "uncorrected")
    assert subjects(session, application) == ["一次性补正告知", "不予受理告知"]

    turn(DUE_ON + timedelta(days=2))
    assert subjects(session, application) == ["一次性补正告知", "不予受理告知"]


def test_a_holiday_declared_later_moves_the_due_day_back_and_the_unit_is_told(session, corrected, turn):
    application = corrected()
    session.add(
        CalendarOverride(
            day=date(2027, 1, 1), is_working=False, note="元旦", basis_document="示例", set_at=clock.now()
        )
    )

    turn(date(2026, 12, 28))

    letter = session.scalars(select(CorrectionLetter)).one()
    assert letter.due_on == application.correction_due_on == date(2027, 1, 11)
    assert subjects(session, application) == ["一次性补正告知", "补正期限顺延"]
    turn(date(2027, 1, 11))
    assert application.state is State.CORRECTION_REQUIRED
    turn(date(2027, 1, 12))
    assert application.state is State.NOT_ACCEPTED


def test_a_working_day_declared_later_takes_nothing_from_the_unit(session, corrected, turn):
    application = corrected()
    session.add(
        CalendarOverride(
            day=date(2027, 1, 2), is_working=True, note="调休", basis_document="示例", set_at=clock.now()
        )
    )

    turn(date(2026, 12, 28))

    assert application.correction_due_on == DUE_ON
    assert subjects(session, application) == ["一次性补正告知"]


def answer(session, application, actor, on):
    """Answer the letter and submit, on a day."""
    with clock.standing_at(on):
        application = held(session, application.id)
        letter = formal_review.letters(session, application)[-1]
        typed = {item.id: "已补。" for item in letter.items}
        save_answers(
            session, application, actor, typed=typed, remembered=formal_review.correcting.seen(letter)
        )
        formal_review.answer(session, application, actor, commitment=True)


def test_an_answer_on_the_due_day_is_in_time(session, make, corrected):
    application = corrected()
    actor = make.applicant(application.organization)

    answer(session, application, actor, DUE_ON)

    assert (application.state, application.open_checks) == (State.FORMAL_REVIEW, 1)


def test_an_answer_after_the_due_day_is_refused_also_before_the_clock_ran(session, make, corrected):
    application = corrected()
    actor = make.applicant(application.organization)

    with pytest.raises(RuleError, match="补正期限（2027年1月8日（暂定））已过"):
        answer(session, application, actor, DUE_ON + timedelta(days=1))


def test_a_lapsed_correction_may_be_asked_for_again_after_reconsidering(
    session, make, corrected, turn, examiner
):
    application = corrected()
    turn(DUE_ON + timedelta(days=1))
    lead = make.user(Role.SECRETARIAT_LEAD)

    formal_review.reconsider(session, held(session, application.id), lead, reason="告知没有送达。")
    formal_review.judge(
        session, application, examiner,
        {"rights": formal_review.Judgement(CheckVerdict.FAILED, "缺证明。")},
    )  # fmt: skip
    formal_review.require_correction(session, application, examiner)

    assert (application.state, application.correction_rounds) == (State.CORRECTION_REQUIRED, 1)
    assert [letter.number for letter in formal_review.letters(session, application)] == [1, 2]
    answer(session, application, make.applicant(application.organization), clock.today())


# --- what waits ---------------------------------------------------------------------------------------------------


def test_each_role_sees_what_waits_for_it_with_the_first_due_day(session, make, corrected, examiner):
    application = corrected()
    make.application(state=State.FORMAL_REVIEW, round=make.round(closes_at=CLOSE), state_since=CLOSE)
    make.application(
        state=State.FORMAL_REVIEW, round=make.round(closes_at=CLOSE + timedelta(days=7)), state_since=CLOSE
    )
    operator = make.applicant(application.organization, Role.APPLICANT_OPERATOR)

    (mine,) = work.waiting(session, examiner)
    (theirs,) = work.waiting(session, operator)

    assert (mine.label, mine.count, mine.due_on) == ("形式审查", 2, PUBLISHED.add(date(2026, 12, 18), 20))
    assert (theirs.label, theirs.count, theirs.due_on) == ("答复补正事项", 1, DUE_ON)
    assert list(work.waiting(session, make.user(Role.EXPERT))) == []
