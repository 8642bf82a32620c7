"""Races by processes: an answer against the turn of the day, two acceptances, confirming against declining."""

from datetime import timedelta

from sqlalchemy import select

from registry import applications, clock, formal_review
from registry.formal_review import correcting, examining, looking
from registry.models import Application, CheckVerdict, MoveProposal, Role, State
from tests.factories import Make
from tests.processes import own_job, race
from tests.registry.test_application_races import user_of


def judged(session, *, fault):
    """Return an application that was judged through, an examiner and the lead."""
    make = Make(session)
    application = make.application(state=State.FORMAL_REVIEW)
    examiner, lead = make.user(Role.FORMAL_REVIEWER), make.user(Role.SECRETARIAT_LEAD)
    formal_review.begin(session, application, examiner)
    verdicts = {
        row.key: examining.Judgement(CheckVerdict.PASSED) for row in looking.items(session, application)
    }
    if fault:
        verdicts["rights"] = examining.Judgement(CheckVerdict.FAILED, "缺证明。")
    formal_review.judge(session, application, examiner, verdicts)
    return application, examiner, lead


def make_move(database, name, day, *arguments):
    """Make one of the moves below on its day."""
    with clock.standing_at(day), database.transaction() as session:
        MOVES[name](session, *arguments)
    return "done"


def accept(session, application_id, user_id, version):
    application = applications.held(session, application_id, version=version)
    formal_review.accept(session, application, user_of(session, user_id))


def withdraw(session, application_id, user_id, version):
    actor = user_of(session, user_id)
    application = applications.locked(session, actor, application_id, version=version)
    applications.withdraw(session, application, actor, reason="")


def answer(session, application_id, user_id):
    actor = user_of(session, user_id)
    application = applications.locked(session, actor, application_id)
    formal_review.answer(session, application, actor, commitment=True)


def lapse(session, application_id):
    formal_review.lapse(session, applications.held(session, application_id))


def confirm(session, application_id, user_id, proposal_id):
    application = applications.held(session, application_id)
    formal_review.confirm_refusal(session, application, user_of(session, user_id), proposal_id=proposal_id)


def decline(session, application_id, user_id, proposal_id):
    application = applications.held(session, application_id)
    formal_review.decline_refusal(
        session, application, user_of(session, user_id), proposal_id=proposal_id, reason="应先补正。"
    )


MOVES = {
    "accept": accept,
    "withdraw": withdraw,
    "answer": answer,
    "lapse": lapse,
    "confirm": confirm,
    "decline": decline,
}


def state_of(database, application_id):
    with database.reading() as session:
        return session.scalar(select(Application.state).where(Application.id == application_id))


def test_two_clicks_accept_once(fresh_database):
    with fresh_database.transaction() as session:
        application, examiner, _ = judged(session, fault=False)
        move = ("accept", clock.today(), application.id, examiner.id, application.version_id)

    said = race(fresh_database.engine.url, own_job, make_move, [move, move])

    assert sorted(map(str, said)) == ["409", "done"]
    assert state_of(fresh_database, move[2]) is State.ACCEPTED


def test_accepting_and_withdrawing_do_not_both_happen(fresh_database):
    with fresh_database.transaction() as session:
        application, examiner, _ = judged(session, fault=False)
        of_it = (application.id, examiner.id, application.version_id)
        moves = [
            ("accept", clock.today(), *of_it),
            ("withdraw", clock.today(), application.id, application.created_by_id, application.version_id),
        ]

    accepted, withdrawn = race(fresh_database.engine.url, own_job, make_move, moves)

    assert {accepted, withdrawn} == {"done", 409}
    expected = State.ACCEPTED if accepted == "done" else State.WITHDRAWN
    assert state_of(fresh_database, of_it[0]) is expected


def test_an_answer_of_the_last_minute_and_the_turn_of_the_day_do_not_both_happen(fresh_database):
    with fresh_database.transaction() as session:
        application, examiner, _ = judged(session, fault=True)
        letter = formal_review.require_correction(session, application, examiner)
        typed = {item.id: "已补。" for item in letter.items}
        actor = user_of(session, application.created_by_id)
        correcting.save_answers(session, application, actor, typed=typed, remembered=correcting.seen(letter))
        moves = [
            ("answer", letter.due_on, application.id, actor.id),
            ("lapse", letter.due_on + timedelta(days=1), application.id),
        ]

    answered, lapsed = race(fresh_database.engine.url, own_job, make_move, moves)

    assert lapsed == "done"
    expected = State.FORMAL_REVIEW if answered == "done" else State.NOT_ACCEPTED
    assert state_of(fresh_database, moves[0][2]) is expected
    assert answered in ("done", 409)


def test_a_proposal_is_confirmed_or_declined_and_not_both(fresh_database):
    with fresh_database.transaction() as session:
        application, examiner, lead = judged(session, fault=True)
        proposal = formal_review.propose_refusal(
            session, application, examiner, code=formal_review.RefusalReason.RIGHTS_INSUFFICIENT,
            reason="没有发明专利。",
        )  # fmt: skip
        of_it = (application.id, lead.id, proposal.id)
        moves = [("confirm", clock.today(), *of_it), ("decline", clock.today(), *of_it)]

    confirmed, declined = race(fresh_database.engine.url, own_job, make_move, moves)

    assert {confirmed, declined} == {"done", 409}
    with fresh_database.reading() as session:
        settled = session.scalar(select(MoveProposal.is_confirmed))
    assert settled is (confirmed == "done")
    expected = State.NOT_ACCEPTED if confirmed == "done" else State.FORMAL_REVIEW
    assert state_of(fresh_database, of_it[0]) is expected
