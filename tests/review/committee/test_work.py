"""What the committee's policy must fulfil, and that a change of it never reaches a running round."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import update

from registry import clock, policy, policy_checks
from registry.errors import RuleError
from registry.models import PolicyParameter
from review.committee import sittings


def checked(session, key, **changes):
    value = {**policy.value(session, key), **changes}
    policy_checks.check(session, key, value, effective_from=clock.today() + timedelta(days=1))


@pytest.mark.parametrize(
    ("key", "changes", "said"),
    [
        ("committee.rule", {"quorum": "4/3"}, "应大于 0、不大于 1"),
        ("committee.rule", {"majority": "过半"}, "不是比例"),
        ("committee.letter_opinion", {"subject": "{product}"}, "可用字只有"),
        ("committee.letter_meeting", {"body": "{due}"}, "可用字只有"),
    ],
)
def test_a_change_of_policy_is_refused_when_the_committee_could_not_work_with_it(session, key, changes, said):
    with pytest.raises(RuleError, match=said):
        checked(session, key, **changes)


@pytest.mark.parametrize(
    ("key", "changes"),
    [("committee.rule", {"quorum": "1/2"}), ("committee.letter_meeting", {"body": "{time} {place}"})],
)
def test_a_change_of_policy_is_taken_when_the_committee_can_work_with_it(session, key, changes):
    checked(session, key, **changes)


def test_a_change_of_policy_does_not_alter_a_running_round(session, make):
    sitting = make.sitting()
    changed = {**policy.value(session, "committee.rule"), "quorum": "1/2"}

    session.execute(
        update(PolicyParameter).where(PolicyParameter.key == "committee.rule").values(value=changed)
    )

    assert policy.value(session, "committee.rule")["quorum"] == "1/2"
    assert sittings.rule_of(make.seen(sitting)).quorum == Fraction(2, 3)
