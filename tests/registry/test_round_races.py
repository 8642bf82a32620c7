"""Races by processes: who submits against the close, and two who confirm one change."""

import multiprocessing
from datetime import timedelta

import pytest
from sqlalchemy import select

from registry import clock, policy_changes, queries, rounds
from registry.db import Database
from registry.errors import RuleError
from registry.models import Application, CallRound, ListCode, PolicyParameter, Role, RoundState, State, User

RACERS = 2


@pytest.fixture
def made_by():
    """Return the factory for any session; imported here, because every racer imports this module again."""
    from tests.factories import Make

    return Make


def _race(url, target, *arguments):
    """Run a function in several processes at once; return what each said."""
    spawn = multiprocessing.get_context("spawn")
    said, gate = spawn.Queue(), spawn.Barrier(RACERS)
    racers = [
        spawn.Process(target=target, args=(url, gate, said, number, *arguments)) for number in range(RACERS)
    ]
    for racer in racers:
        racer.start()
    answers = [said.get(timeout=60) for _ in racers]
    for racer in racers:
        racer.join(timeout=60)
    return answers


def _user(session, user_id):
    return session.scalars(queries.users().where(User.id == user_id)).one()


def _submit_or_close(url, gate, said, number, round_id, application_id):
    """Submit as the first process, close as the second, in the round's last second."""
    database = Database(url)
    gate.wait(timeout=60)
    try:
        with database.transaction() as session:
            if number == 0:
                rounds.taking(session, round_id)
                session.get_one(Application, application_id).state = State.SUBMITTED
            else:
                end = session.get_one(CallRound, round_id).closes_at
                with clock.standing_at(end):
                    rounds.close_due(session)
        said.put("done")
    except RuleError:
        said.put("refused")
    database.dispose()


def test_what_was_submitted_at_the_last_moment_is_not_left_behind_by_the_close(fresh_database, made_by):
    with fresh_database.transaction() as session:
        application = made_by(session).application(revision=1, submitted_at=clock.now())
        ids = application.round_id, application.id

    answers = _race(fresh_database.engine.url, _submit_or_close, *ids)

    with fresh_database.reading() as session:
        state = session.get_one(Application, ids[1]).state
        assert session.get_one(CallRound, ids[0]).state is RoundState.CLOSED
    assert state is (State.DRAFT if "refused" in answers else State.FORMAL_REVIEW)


def _confirm(url, gate, said, _number, proposal_id, lead_id):
    database = Database(url)
    gate.wait(timeout=60)
    try:
        with database.transaction() as session:
            change = policy_changes.proposal(session, proposal_id)
            policy_changes.confirm(session, change, _user(session, lead_id))
        said.put("done")
    except RuleError:
        said.put("refused")
    database.dispose()


def test_one_change_is_confirmed_once_by_two_at_the_same_time(fresh_database, made_by):
    with fresh_database.transaction() as session:
        make = made_by(session)
        change = policy_changes.propose(
            session, make.user(Role.PUBLISHER), key="notice.working_days", value=7,
            effective_from=clock.today() + timedelta(days=1), basis_document="示例文件", source_note="",
            is_assumed=False,
        )  # fmt: skip
        ids = change.id, make.user(Role.SECRETARIAT_LEAD).id

    answers = _race(fresh_database.engine.url, _confirm, *ids)

    assert sorted(answers) == ["done", "refused"]
    with fresh_database.reading() as session:
        assert session.scalars(
            select(PolicyParameter.value)
            .where(PolicyParameter.key == "notice.working_days")
            .order_by(PolicyParameter.effective_from)
        ).all() == [5, 7]


def _create(url, gate, said, _number, lead_id):
    database = Database(url)
    gate.wait(timeout=60)
    with database.transaction() as session:
        lead = _user(session, lead_id)
        now = clock.now()
        plan = rounds.Plan(2026, "示例", [ListCode.CX], now, now + timedelta(days=30), clock.today())
        said.put(rounds.create(session, lead, plan=plan).batch)
    database.dispose()


def test_two_rounds_made_at_the_same_time_get_two_batches(fresh_database, made_by):
    with fresh_database.transaction() as session:
        lead_id = made_by(session).user(Role.SECRETARIAT_LEAD).id

    assert sorted(_race(fresh_database.engine.url, _create, lead_id)) == [1, 2]
