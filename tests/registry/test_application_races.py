"""Races by processes: the deadline, the last of a quota, a ban, two clicks, and two who save one draft."""

import time

import pytest
from sqlalchemy import func, select

from registry import applications, clock, queries, questions, rounds
from registry.errors import RuleError
from registry.models import (
    Application,
    ApplicationRevision,
    BanReason,
    CallRound,
    Role,
    RoundState,
    State,
    User,
)
from registry.organizations import bans
from tests.factories import Make
from tests.processes import RACERS, own_job, race


def user_of(session, user_id):
    return session.scalars(queries.users().where(User.id == user_id)).one()


def submit(database, application_id, user_id, version):
    with database.transaction() as session:
        actor = user_of(session, user_id)
        application = applications.locked(session, actor, application_id, version=version)
        applications.submit(session, application, actor, commitment=True)
    return "done"


def submit_or_close(database, gate, number, application_id, user_id, version):
    gate.wait()
    try:
        if number == 0:
            submit(database, application_id, user_id, version)
        else:
            with (
                database.transaction() as session,
                clock.standing_at(session.scalar(select(CallRound.closes_at))),
            ):
                rounds.close_due(session)
        return "done"
    except RuleError as problem:
        return problem.sentence


@pytest.mark.parametrize("_turn", range(3))
def test_a_submission_at_the_deadline_is_in_or_refused_but_never_left_behind(fresh_database, _turn):
    with fresh_database.transaction() as session:
        application = Make(session).application()
        ids = application.id, application.created_by_id, application.version_id

    submitted, closed = race(fresh_database.engine.url, submit_or_close, *ids)

    with fresh_database.reading() as session:
        state = session.get_one(Application, ids[0]).state
        assert session.scalar(select(CallRound.state)) is RoundState.CLOSED
        revisions = session.scalar(select(func.count()).select_from(ApplicationRevision))
    assert closed == "done"
    if submitted == "done":
        assert (state, revisions) == (State.FORMAL_REVIEW, 1)
    else:
        assert "现在不接收申报" in submitted
        assert (state, revisions) == (State.DRAFT, 0)


def test_the_last_of_a_quota_goes_to_one_of_two(fresh_database):
    with fresh_database.transaction() as session:
        make = Make(session)
        call, unit = make.round(), make.unit()
        call.policy = {**call.policy, "application.quota_per_unit": {"id": 0, "value": 1}}
        both = [make.application(round=call, organization=unit) for _ in range(RACERS)]
        jobs = [(row.id, row.created_by_id, row.version_id) for row in both]

    assert sorted(map(str, race(fresh_database.engine.url, own_job, submit, jobs))) == ["422", "done"]


def submit_or_ban(database, gate, number, submission, ban):
    """Submit while somebody else has confirmed a ban and not committed yet."""
    try:
        if number == 0:
            with database.transaction() as session:
                found = bans.find(session, ban[0], version=ban[2])
                bans.confirm(session, found, user_of(session, ban[1]))
                gate.wait()
                time.sleep(1)
        else:
            gate.wait()
            submit(database, *submission)
        return "done"
    except RuleError as problem:
        return problem.sentence


def test_a_submission_waits_for_a_ban_that_is_being_confirmed_and_is_refused(fresh_database):
    with fresh_database.transaction() as session:
        make = Make(session)
        row = make.application()
        ban = bans.propose(
            session, row.organization, make.user(Role.FORMAL_REVIEWER), reason=BanReason.DISCREDIT, basis="示例",
            from_on=clock.today(),
        )  # fmt: skip
        submission = (row.id, row.created_by_id, row.version_id)
        proposed = (ban.id, make.user(Role.SECRETARIAT_LEAD).id, ban.version_id)

    banned, submitted = race(fresh_database.engine.url, submit_or_ban, submission, proposed)

    assert (banned, "限制申报" in submitted) == ("done", True)
    with fresh_database.reading() as session:
        assert session.get_one(Application, submission[0]).state is State.DRAFT


def test_two_clicks_submit_once(fresh_database):
    with fresh_database.transaction() as session:
        row = Make(session).application()
        jobs = [(row.id, row.created_by_id, row.version_id)] * RACERS

    assert sorted(map(str, race(fresh_database.engine.url, own_job, submit, jobs))) == ["409", "done"]
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ApplicationRevision)) == 1


def save_one(database, gate, number, application_id, user_id, remembered):
    typed = [{"employees": "7"}, {"contact_name": "示例丙"}][number]
    gate.wait()
    with database.transaction() as session:
        actor = user_of(session, user_id)
        application = applications.locked(session, actor, application_id)
        return applications.save_draft(
            session, application, actor, typed=typed, remembered=remembered
        ).changed


def test_two_who_save_one_draft_at_the_same_time_both_keep_their_text(fresh_database):
    with fresh_database.transaction() as session:
        row = Make(session).application()
        seen = questions.seen(row.draft, questions.questions(row.list_code))
        ids = row.id, row.created_by_id, seen

    assert race(fresh_database.engine.url, save_one, *ids) == [["employees"], ["contact_name"]]
    with fresh_database.reading() as session:
        draft = session.get_one(Application, ids[0]).draft
    assert (draft["employees"], draft["contact_name"]) == ("7", "示例丙")
