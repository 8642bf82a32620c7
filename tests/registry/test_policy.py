from datetime import date

import pytest

from registry import clock, policy
from registry.models import PolicyParameter


def test_every_shipped_parameter_says_where_it_comes_from():
    for key, row in policy.shipped().items():
        assert set(row) >= {"value", "basis", "note", "assumed"}, key
        assert row["basis"], key


def test_the_value_in_force_on_a_day_is_the_one_of_that_day(session):
    old = session.query(PolicyParameter).filter_by(key="notice.working_days").one()
    old.effective_to = date(2027, 1, 1)
    session.add(
        PolicyParameter(
            key="notice.working_days", value=7, effective_from=date(2027, 1, 1), basis_document="示例文件",
            source_note="", is_assumed=False, set_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()

    assert policy.value(session, "notice.working_days", on=date(2026, 12, 31)) == 5
    assert policy.value(session, "notice.working_days", on=date(2027, 1, 1)) == 7


def test_loading_shipped_defaults_again_leaves_a_changed_value_alone(session):
    session.query(PolicyParameter).filter_by(key="notice.working_days").one().value = 9
    session.flush()

    policy.load_shipped(session)
    session.flush()

    assert policy.value(session, "notice.working_days") == 9


def test_an_unknown_parameter_is_a_programming_error(session):
    with pytest.raises(KeyError):
        policy.value(session, "no.such_parameter")
