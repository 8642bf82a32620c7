"""A rubric is changed like every policy, and only into one that products can be scored with."""

from datetime import date

import pytest

from registry import clock, policy, policy_changes
from registry.errors import RuleError
from registry.models import Role

TODAY = date(2026, 11, 21)


@pytest.fixture
def propose(session, make):
    """Return a function that proposes another rubric of the catalog, from New Year on."""

    def proposed(rubric):
        with clock.standing_at(TODAY):
            return policy_changes.propose(
                session, make.user(Role.SECRETARIAT_LEAD), key="rubric.CX", value=rubric,
                effective_from=date(2027, 1, 1), basis_document="示例文件", source_note="", is_assumed=False,
            )  # fmt: skip

    return proposed


def test_a_rubric_may_move_weight_from_one_criterion_to_another(session, make, propose):
    rubric = [dict(row) for row in policy.value(session, "rubric.CX")]
    rubric[0]["weight"], rubric[1]["weight"] = 30, 15

    with clock.standing_at(TODAY):
        policy_changes.confirm(session, propose(rubric), make.user(Role.SECRETARIAT_LEAD))

    assert [row["weight"] for row in policy.value(session, "rubric.CX", on=date(2027, 1, 1))][:2] == [30, 15]


def test_a_rubric_whose_weights_do_not_make_a_hundred_is_refused(session, propose):
    rubric = [dict(row) for row in policy.value(session, "rubric.CX")]
    rubric[0]["weight"] += 1

    with pytest.raises(RuleError, match="各项满分之和须为 100 分"):
        propose(rubric)
