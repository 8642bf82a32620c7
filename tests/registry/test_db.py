from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from registry.db import add_missing
from registry.models import Counter, SystemState
from registry.types import FenColumn


def test_an_instant_comes_back_aware_and_in_utc(session):
    given = datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    session.add(SystemState(name="x", value="", set_at=given))
    session.flush()
    session.expire_all()

    back = session.scalars(select(SystemState.set_at).where(SystemState.name == "x")).one()

    assert back == given
    assert back.tzinfo is UTC


def test_a_naive_instant_is_refused(session):
    session.add(SystemState(name="x", value="", set_at=datetime(2026, 3, 1)))  # noqa: DTZ001 - the very thing

    with pytest.raises(StatementError, match="aware"):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), True])
def test_money_that_is_no_integer_is_refused(value):
    with pytest.raises(TypeError):
        FenColumn().process_bind_param(value, None)


def test_a_transaction_that_raises_leaves_nothing(fresh_database):
    with pytest.raises(ZeroDivisionError), fresh_database.transaction() as session:  # noqa: PT012 - both lines belong to it
        session.add(Counter(name="x", value=1))
        raise ZeroDivisionError

    with fresh_database.reading() as session:
        assert session.get(Counter, "x") is None


def test_what_a_reading_session_adds_is_thrown_away(fresh_database):
    with fresh_database.reading() as session:
        session.add(Counter(name="x", value=1))
        session.flush()

    with fresh_database.reading() as session:
        assert session.get(Counter, "x") is None


def test_a_foreign_key_that_points_nowhere_is_refused_on_both_databases(session, make):
    entry = make.entry()
    entry.organization_id = 999_999

    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_row_that_is_there_stays_as_it_is_when_it_is_added_again(session):
    add_missing(session, Counter, name="x", value=1)
    add_missing(session, Counter, name="x", value=2)

    assert session.get_one(Counter, "x").value == 1
