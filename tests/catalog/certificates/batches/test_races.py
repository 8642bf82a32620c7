"""Races by processes: two clicks on one button, and an approval beside a refusal or a withdrawal."""

import pytest
from sqlalchemy import func, select

from catalog.certificates.batches import services
from catalog.certificates.batches.models import BatchState, CertificateBatch
from registry import accounts, clock
from registry.models import OutboxMessage
from tests.catalog.certificates.batches.conftest import PURCHASE, TODAY, furnish
from tests.processes import own_job, race


def ask(database, user_id):
    with clock.standing_at(TODAY), database.transaction() as session:
        return services.request(session, accounts.find(session, user_id), purchase=PURCHASE)[0].id


def decide(database, user_id, batch_id, answer):
    """Refuse with an answer, approve with an empty one, take back with none."""
    with clock.standing_at(TODAY), database.transaction() as session:
        actor = accounts.find(session, user_id)
        batch = services.find(session, batch_id, actor)
        if answer is None:
            services.withdraw(session, batch, actor)
        elif answer:
            services.refuse(session, batch, actor, answer=answer)
        else:
            services.approve(session, batch, actor)
        return 200


def prepared(database):
    """Return who asks and who approves, with a shortlist of two products."""
    with database.transaction() as session:
        desk = furnish(session)
        desk.shortlist("示例甲", "示例乙")
        return desk.operator.id, desk.approver.id


def test_two_clicks_ask_once(fresh_database):
    operator, _ = prepared(fresh_database)

    first, second = race(fresh_database.engine.url, own_job, ask, [(operator,), (operator,)])

    assert first == second
    with fresh_database.reading() as session:
        assert session.scalar(select(func.count(CertificateBatch.id))) == 1


@pytest.mark.parametrize("answer", ["用途应写明台数。", None])
def test_two_who_decide_at_once_are_one_decision(fresh_database, answer):
    operator, approver = prepared(fresh_database)
    batch = ask(fresh_database, operator)
    other = approver if answer else operator

    answers = race(
        fresh_database.engine.url, own_job, decide, [(approver, batch, ""), (other, batch, answer)]
    )

    assert sorted(answers) == [200, 409]
    with fresh_database.reading() as session:
        state = session.scalars(select(CertificateBatch.state)).one()
        lines = session.scalar(
            select(func.count(OutboxMessage.id)).where(OutboxMessage.event == "LineApproved")
        )
    instead = BatchState.REFUSED if answer else BatchState.WITHDRAWN
    assert (state, lines) in {(BatchState.ISSUING, 2), (instead, 0)}
