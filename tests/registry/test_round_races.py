"""Races by processes: who submits against the close, and two who confirm one change."""

from datetime import timedelta

from sqlalchemy import select

from registry import clock, policy_changes, queries, rounds
from registry.errors import RuleError
from registry.models import Application, CallRound, ListCode, PolicyParameter, Role, RoundState, State, User
from tests.factories import Make
from tests.processes import race


def _user(session, user_id):
    return session.scalars(queries.users().where(User.id == user_id)).one()


def _submit_or_close(database, gate, number, round_id, application_id):
    """Submit as the first process, close as the second, in the round's last second."""
    gate.wait()
    try:
        with database.transaction() as session:
            if number == 0:
                rounds.taking(session, round_id)
                session.get_one(Application, application_id).state = State.SUBMITTED
            else:
                end = session.get_one(CallRound, round_id).closes_at
                with clock.standing_at(end):
                    rounds.close_due(session)
        return "done"
    except RuleError:
        return "refused"


def test_what_was_submitted_at_the_last_moment_is_not_left_behind_by_the_close(fresh_database):
    with fresh_database.transaction() as session:
        application = Make(session).application(revision=1, submitted_at=clock.now())
        ids = application.round_id, application.id

    answers = race(fresh_database.engine.url, _submit_or_close, *ids)

    with fresh_database.reading() as session:
        state = session.get_one(Application, ids[1]).state
        assert session.get_one(CallRound, ids[0]).state is RoundState.CLOSED
    assert state is (State.DRAFT if "refused" in answers else State.FORMAL_REVIEW)


def _confirm(database, gate, _number, proposal_id, lead_id):
    gate.wait()
    try:
        with database.transaction() as session:
            change = policy_changes.proposal(session, proposal_id)
            policy_changes.confirm(session, change, _user(session, lead_id))
        return "done"
    except RuleError:
        return "refused"


def test_one_change_is_confirmed_once_by_two_at_the_same_time(fresh_database):
    with fresh_database.transaction() as session:
        make = Make(session)
        change = policy_changes.propose(
            session, make.user(Role.PUBLISHER), key="notice.working_days", value=7,
            effective_from=clock.today() + timedelta(days=1), basis_document="示例文件", source_note="",
            is_assumed=False,
        )  # fmt: skip
        ids = change.id, make.user(Role.SECRETARIAT_LEAD).id

    answers = race(fresh_database.engine.url, _confirm, *ids)

    assert sorted(answers) == ["done", "refused"]
    with fresh_database.reading() as session:
        assert session.scalars(
            select(PolicyParameter.value)
            .where(PolicyParameter.key == "notice.working_days")
            .order_by(PolicyParameter.effective_from)
        ).all() == [5, 7]


def _create(database, gate, _number, lead_id):
    gate.wait()
    with database.transaction() as session:
        lead = _user(session, lead_id)
        now = clock.now()
        plan = rounds.Plan(2026, "示例", [ListCode.CX], now, now + timedelta(days=30), clock.today())
        return rounds.create(session, lead, plan=plan).batch


def test_two_rounds_made_at_the_same_time_get_two_batches(fresh_database):
    with fresh_database.transaction() as session:
        lead_id = Make(session).user(Role.SECRETARIAT_LEAD).id

    assert sorted(race(fresh_database.engine.url, _create, lead_id)) == [1, 2]
