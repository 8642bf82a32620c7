from datetime import timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from registry import clock, trail
from registry.models import Role, TrailDetail, TrailHead, TrailLine
from tests.factories import log_in_as


def record(session, number=1):
    return trail.record(
        session, None, "test.act", subject="thing", subject_id=number, detail={"reason": "示例"}
    )


def test_lines_are_chained_and_verify(session):
    first, second = record(session, 1), record(session, 2)

    assert second.previous_hash == first.hash
    assert session.get(TrailHead, 1).hash == second.hash
    assert trail.first_broken(session) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE trail_line SET action = 'x'", "DELETE FROM trail_line", "UPDATE trail_detail SET salt = ''"],
)
def test_a_line_can_be_neither_changed_nor_deleted(session, statement):
    record(session)

    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.execute(text(statement))


def test_a_deleted_detail_leaves_the_chain_whole(session):
    line = record(session)

    session.execute(delete(TrailDetail).where(TrailDetail.seq == line.seq))

    assert trail.first_broken(session) is None


def test_a_line_written_past_the_chain_is_found(session):
    line = record(session)
    session.add(
        TrailLine(
            seq=line.seq + 1, at=clock.now(), action="forged", subject="thing", subject_id="1",
            payload_hash="0" * 64, previous_hash=line.hash, hash="f" * 64,
        )
    )  # fmt: skip
    session.flush()

    assert trail.first_broken(session) == (line.seq + 1, "line was altered")


def test_a_head_set_back_is_found(session):
    record(session)
    session.execute(update(TrailHead).values(seq=0, hash=trail.GENESIS))
    session.expire_all()

    assert trail.first_broken(session)[1] == "head does not match the last line"


def test_the_daily_root_is_the_last_line_of_that_day_and_stays(session):
    with clock.standing_at(clock.now() - timedelta(days=2)):
        line = record(session)
        day = clock.today()
    record(session)

    root = trail.keep_root(session, day)
    session.flush()
    again = trail.keep_root(session, day)

    assert (root.seq, root.hash) == (line.seq, line.hash)
    assert again is root
    assert trail.first_broken(session) is None


def test_the_trail_page_shows_lines_to_the_observer_and_to_nobody_in_business(client, session, make):
    record(session)
    session.commit()

    log_in_as(client, session, make, Role.PUBLISHER)
    assert client.get("/office/trail").status_code == 403
    client.post("/logout")
    log_in_as(client, session, make, Role.DISCIPLINE_OBSERVER)
    response = client.get("/office/trail")

    assert response.status_code == 200
    assert "test.act" in response.get_data(as_text=True)
