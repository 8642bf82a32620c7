"""One department, one vote; silence is no consent; a quorum needs every lead unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.committee.models import TallyOutcome, Vote
from review.committee.tally import AGAINST, Rule, Seat, quorum, rule_of, tally

RULE = Rule(Fraction(2, 3), every_lead=True, majority=Fraction(1, 2), recused_leave=True)
STAYING = Rule(Fraction(2, 3), every_lead=True, majority=Fraction(1, 2), recused_leave=False)


def seats(*votes, present=None, leads=1):
    """Return departments with these votes, the first of them leading; without a vote they are absent."""
    present = [vote is not None for vote in votes] if present is None else present
    return [
        Seat(f"单位{number}", number < leads, there, vote)
        for number, (vote, there) in enumerate(zip(votes, present, strict=True))
    ]


AGREE, DISAGREE, DEFER, ABSTAIN, RECUSE = (
    Vote.AGREE, Vote.DISAGREE, Vote.DEFER, Vote.ABSTAIN, Vote.RECUSE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ([AGREE] * 4 + [DISAGREE] * 2, TallyOutcome.CARRIED),
        ([AGREE] * 3 + [DISAGREE] * 3, TallyOutcome.NOT_CARRIED),  # more than half, not half
        ([AGREE] * 2 + [ABSTAIN] * 2, TallyOutcome.NOT_CARRIED),  # an abstention is not for it
        ([AGREE] * 1 + [DEFER] * 3, TallyOutcome.PUT_OFF),
        ([AGREE] * 4 + [None] * 2, TallyOutcome.CARRIED),
        ([AGREE] * 3 + [None] * 3, TallyOutcome.NO_QUORUM),  # silence is no consent
        ([None] + [AGREE] * 5, TallyOutcome.NO_QUORUM),  # the lead unit is missing
        ([AGREE] * 2 + [RECUSE] * 4, TallyOutcome.CARRIED),  # who is recused leaves the base
        ([RECUSE] * 6, TallyOutcome.NO_QUORUM),  # nobody is left
        ([RECUSE] + [AGREE] * 5, TallyOutcome.CARRIED),  # a recused lead unit is not missing
    ],
)
def test_a_tally_comes_out_when_departments_vote_so(votes, outcome):
    assert tally(seats(*votes), RULE).outcome is outcome


def test_a_recused_department_counts_in_the_base_when_the_rule_keeps_it():
    found = tally(seats(*[AGREE] * 2, *[RECUSE] * 4), STAYING)

    assert (found.quorum.base, found.quorum.present, found.outcome) == (6, 6, TallyOutcome.NOT_CARRIED)


def test_one_written_veto_bars_whatever_the_others_say():
    among = [*seats(*[AGREE] * 9), Seat("主管单位", False, True, Vote.OBJECT, is_veto=True)]

    found = tally(among, RULE)

    assert (found.outcome, found.vetoed_by) == (TallyOutcome.VETOED, ("主管单位",))


def test_a_department_that_attends_and_says_nothing_counts_among_those_present():
    found = tally(seats(AGREE, AGREE, None, None, present=[True] * 4), RULE)

    assert (found.outcome, found.silent) == (TallyOutcome.NOT_CARRIED, ("单位2", "单位3"))


def test_two_thirds_of_ten_are_seven():
    found = quorum(seats(*[AGREE] * 6, *[None] * 4), RULE)

    assert (found.base, found.present, found.needed, found.holds) == (10, 6, 7, False)


@pytest.mark.parametrize("share", ["0", "-1/2", "4/3", "三分之二", "1/0"])
def test_a_rule_is_refused_when_a_share_is_none(share):
    with pytest.raises(ValueError, match="比例"):
        rule_of({"quorum": share, "every_lead": True, "majority": "1/2", "recused_leave": True})


votes = st.lists(st.sampled_from([None, *Vote]), min_size=1, max_size=15)


@given(votes)
def test_what_is_carried_has_a_quorum_and_more_than_half_of_those_present(cast):
    found = tally(seats(*cast), RULE)
    agree = found.votes.get(AGREE, 0)

    assert (found.outcome is TallyOutcome.CARRIED) == (
        found.quorum.holds and 2 * agree > found.quorum.present
    )


@given(votes, st.randoms())
def test_a_tally_does_not_depend_on_the_order_of_departments(cast, random):
    among = seats(*cast)
    shuffled = random.sample(among, len(among))

    assert tally(among, RULE).outcome is tally(shuffled, RULE).outcome


@given(votes)
def test_one_more_consent_never_turns_a_carried_product_down(cast):
    among = seats(*cast)

    if tally(among, RULE).outcome is TallyOutcome.CARRIED:
        assert tally([*among, Seat("又一单位", False, True, AGREE)], RULE).outcome is TallyOutcome.CARRIED


@given(votes, st.integers(0, 14))
def test_a_veto_never_carries(cast, place):
    among = seats(*cast)
    barred = among[place % len(among)]
    among[place % len(among)] = Seat(barred.unit, barred.is_lead, True, Vote.DISAGREE, is_veto=True)

    assert Vote.DISAGREE in AGAINST
    assert tally(among, RULE).outcome in (TallyOutcome.VETOED, TallyOutcome.NO_QUORUM)
