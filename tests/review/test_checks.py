import pytest
from sqlalchemy import delete, select, update

from registry.models import Application, Participation, Role
from review import checks, results
from review.models import Panel, ReviewResult, ScoreItem, ScoreSheet


@pytest.fixture
def scored(session, make):
    """Return a scored application."""
    panel = make.panel()
    for seat in panel.assignments:
        make.locked_sheet(seat)
    application_id = panel.items[0].application_id
    results.aggregate(session, application_id, make.user(Role.SECRETARIAT_LEAD))
    return application_id


def found(session):
    session.flush()
    session.expire_all()
    return list(checks.broken(session))


def test_nothing_is_broken_after_a_review(session, scored):
    assert found(session) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (update(ScoreItem).where(ScoreItem.criterion == "ip").values(points=1_000), "was altered after it was locked"),
        (update(ScoreSheet).values(total=1_000), "does not add up"),
        (update(Application).values(official_score=99_000), "the official score is no result's"),
        (update(ReviewResult).values(sheets=[{"sheet": 0, "hash": ""}]), "counted a sheet that is not locked"),
        (update(Application).values(locked_sheets=3), "locked_sheets is not what its seats say"),
        (update(Panel).values(public_value="0"), "step 1 picks others"),
        (delete(Participation), "its expert acts in another capacity"),
    ],
)  # fmt: skip
def test_what_was_altered_behind_the_services_is_found(session, scored, change, sentence):
    session.execute(change)

    assert any(sentence in line for line in found(session))
    assert session.scalars(select(ReviewResult.number)).all() == [1]
