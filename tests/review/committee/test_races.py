"""Races by processes: two persons of one department, a vote against the close, and two clicks of the chair."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.errors import RuleError
from registry.files import FileStore
from registry.models import Application, Decision, Role, State, User
from registry.queries import users
from review.committee import ballots, decisions, sittings
from review.committee.ballots import Answer
from review.committee.models import AgendaItem, Ballot, Sitting, SittingKind, SittingState, Vote
from tests.factories import Make
from tests.processes import RACERS, race
from tests.review.committee.factories import LEADS


def person(session, user_id):
    return session.scalars(users().where(User.id == user_id)).one()


def agree(session, sitting_id, user_id):
    sitting, user = sittings.locked(session, sitting_id, shared=True), person(session, user_id)
    answers = {item.id: Answer(Vote.AGREE) for item in sitting.items}
    ballots.cast(session, ballots.voice(session, user, sitting), user, answers=answers)


def vote(database, gate, number, sitting_id, user_ids):
    gate.wait()
    try:
        with database.transaction() as session:
            agree(session, sitting_id, user_ids[number])
        return "done"
    except RuleError:
        return "refused"


def vote_or_close(database, gate, number, sitting_id, user_id, lead_id):
    """Vote as the first process, end the voting as the second."""
    gate.wait()
    try:
        with database.transaction() as session:
            if number == 0:
                agree(session, sitting_id, user_id)
            else:
                sittings.close(session, sittings.locked(session, sitting_id), person(session, lead_id))
        return f"{number} done"
    except RuleError:
        return f"{number} refused"


def decide(database, gate, _number, sitting_id, chair_id):
    gate.wait()
    try:
        with database.transaction() as session:
            sitting = sittings.locked(session, sitting_id)
            decisions.decide(
                session, sitting, person(session, chair_id), item_id=sitting.items[0].id,
                decision=Decision.APPROVED,
            )  # fmt: skip
        return "done"
    except RuleError:
        return "refused"


def test_one_department_votes_once_when_two_of_its_people_click_together(fresh_database):
    with fresh_database.transaction() as session:
        make = Make(session)
        people = [make.representative(LEADS[0]).user.id for _ in range(RACERS)]
        sitting_id = make.sitting(kind=SittingKind.MEETING).id

    assert sorted(race(fresh_database.engine.url, vote, sitting_id, people)) == ["done", "refused"]

    with fresh_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Ballot)) == 1


@pytest.mark.parametrize("_turn", range(2))
def test_a_vote_against_the_close_is_counted_or_refused(fresh_database, _turn):
    with fresh_database.transaction() as session:
        make = Make(session)
        user_id = make.representative(LEADS[0]).user.id
        lead_id = make.user(Role.SECRETARIAT_LEAD).id
        sitting_id = make.sitting(kind=SittingKind.MEETING).id

    answers = race(fresh_database.engine.url, vote_or_close, sitting_id, user_id, lead_id)

    with fresh_database.reading() as session:
        assert session.get_one(Sitting, sitting_id).state is SittingState.CLOSED
        (item,) = session.scalars(select(AgendaItem))
    assert item.tally["votes"] == ({"agree": 1} if "0 done" in answers else {})


def test_a_product_is_decided_once_when_the_chair_clicks_twice(fresh_database, tmp_path: Path):
    with fresh_database.transaction() as session:
        make = Make(session)
        chair_id = make.user(Role.COMMITTEE_CHAIR).id
        sitting = make.voted(make.sitting(), make.committee(), FileStore(tmp_path))
        ids = sitting.id, sitting.items[0].application_id

    assert sorted(race(fresh_database.engine.url, decide, ids[0], chair_id)) == ["done", "refused"]

    with fresh_database.reading() as session:
        product = session.get_one(Application, ids[1])
    assert (product.state, product.decided_on) == (State.APPROVED, clock.today())
