from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import policy
from registry.errors import RuleError
from review import scoring
from review.scoring import AggregationRule, Criterion, Sheet, TooFewScoresError

SHIPPED = policy.shipped()
RULE = scoring.aggregation_of(SHIPPED["review.aggregation"]["value"])
SCALE = scoring.scale_of(SHIPPED["review.scale"]["value"])
INNOVATION = Criterion("innovation", "技术创新性", Decimal(25), "")


def sheets(*totals, recommends=True):
    return [Sheet(Decimal(total), recommends) for total in totals]


def rule(**values):
    fields = {name: getattr(RULE, name) for name in AggregationRule.__slots__}
    return AggregationRule(**{**fields, **values})


# --- rubrics and sheets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["CX", "TZ", "PC", "RJ"])
def test_the_shipped_rubric_makes_a_hundred(code):
    rubric = scoring.rubric_of(SHIPPED[f"rubric.{code}"]["value"])

    assert sum(criterion.weight for criterion in rubric) == 100


def test_a_rubric_that_does_not_make_a_hundred_is_refused():
    with pytest.raises(RuleError, match="各项满分之和须为 100 分"):
        scoring.rubric_of([{"key": "a", "label": "甲", "weight": 99, "anchor": ""}])


def test_a_rule_that_would_trim_everything_is_refused():
    with pytest.raises(RuleError, match="至少有 3 份"):
        scoring.aggregation_of({**SHIPPED["review.aggregation"]["value"], "trim_from": 2})


@pytest.mark.parametrize(
    ("text", "points"), [("0", "0"), ("25", "25"), (" 17.5 ", "17.5"), ("１８", "18"), ("2e1", "20")]
)
def test_points_are_read_when_they_stand_on_a_step(text, points):
    assert scoring.read_points(text, INNOVATION, SCALE) == Decimal(points)


@pytest.mark.parametrize("text", ["", "十", "25.5", "-0.5", "17.3", "NaN", "Infinity", "1/2"])
def test_points_are_refused_when_they_do_not(text):
    with pytest.raises(RuleError, match=r"^技术创新性：评分为 0 至 25 分，每 0.5 分一档。$") as refused:
        scoring.read_points(text, INNOVATION, SCALE)

    assert refused.value.parameter == "innovation"


@pytest.mark.parametrize(
    ("points", "due"), [("14.5", True), ("15", False), ("22.5", False), ("23", True), ("0", True)]
)
def test_a_reason_is_due_outside_the_two_bounds(points, due):
    assert scoring.needs_reason(Decimal(points), INNOVATION, SCALE) is due


def test_a_reason_of_nineteen_characters_is_too_short_and_of_twenty_is_enough():
    with pytest.raises(RuleError, match="理由不少于 20 个字"):
        scoring.check_reason(Decimal(10), "理由 " * 9 + "理", INNOVATION, SCALE)

    scoring.check_reason(Decimal(10), "理由" * 10, INNOVATION, SCALE)
    scoring.check_reason(Decimal(20), "", INNOVATION, SCALE)


@given(st.integers(0, 100_000))
def test_points_come_back_from_the_database_as_they_went(thousandths):
    assert scoring.to_points(scoring.from_points(thousandths)) == thousandths


# --- the aggregate ------------------------------------------------------------------------------------------------


def test_one_highest_and_one_lowest_are_left_out_from_five_on():
    assert scoring.trimmed_mean([Decimal(n) for n in (0, 70, 71, 72, 100)], rule=RULE) == Decimal("71.00")


def test_nothing_is_left_out_below_the_count_from_which_to_trim():
    totals = [Decimal(n) for n in (0, 70, 71, 100)]

    assert scoring.trimmed_mean(totals, rule=rule(least_valid=3)) == Decimal("60.25")


def test_a_sheet_that_is_missing_is_no_zero():
    with pytest.raises(TooFewScoresError, match="有效评分表 4 份，不足 5 份"):
        scoring.aggregate(sheets(80, 80, 80, 80), RULE)


def test_half_a_hundredth_is_rounded_up():
    assert scoring.half_up(Decimal("69.995")) == Decimal("70.00")


def test_a_mean_that_rounds_up_to_the_mark_passes():
    result = scoring.aggregate(sheets("69.995", "69.995", "69.995", 60, 80), RULE)

    assert (result.score, result.passes_mark) == (Decimal("70.00"), True)


@pytest.mark.parametrize(("recommending", "passes"), [(2, False), (3, True)])
def test_half_of_six_must_recommend(recommending, passes):
    given_ = sheets(*[80] * recommending) + sheets(*[80] * (6 - recommending), recommends=False)

    result = scoring.aggregate(given_, RULE)

    assert (result.passes_share, result.is_above_line) == (passes, passes)


@pytest.mark.parametrize(("highest", "is_wide"), [(90, False), ("90.5", True)])
def test_a_spread_above_thirty_is_wide(highest, is_wide):
    assert scoring.aggregate(sheets(60, 75, 75, 75, highest), RULE).is_wide is is_wide


@pytest.mark.parametrize(("raised", "vetoed"), [(2, False), (3, True)])
def test_a_veto_counts_when_half_of_the_sheets_raise_it(raised, vetoed):
    plain = sheets(*[80] * (6 - raised))
    with_veto = [Sheet(Decimal(80), True, frozenset({"ip_dispute"}))] * raised

    result = scoring.aggregate(plain + with_veto, RULE)

    assert result.vetoes == {"ip_dispute": raised}
    assert (result.is_vetoed, result.is_above_line) == (vetoed, not vetoed)


totals = st.lists(st.integers(0, 200).map(lambda halves: Decimal(halves) / 2), min_size=5, max_size=9)


def exact(values):
    kept = sorted(values)[1:-1]
    mean = Fraction(sum(kept)) / len(kept)
    return Decimal(int(mean * 100 + Fraction(1, 2))) / 100


@given(totals)
def test_the_mean_is_the_exact_one_rounded_once(values):
    assert scoring.trimmed_mean(values, rule=RULE) == exact(values)


@given(totals, st.randoms())
def test_the_order_of_the_sheets_does_not_matter(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)

    assert scoring.aggregate(sheets(*shuffled), RULE) == scoring.aggregate(sheets(*values), RULE)


@given(totals)
def test_the_mean_lies_between_the_second_lowest_and_the_second_highest(values):
    ordered = sorted(values)

    assert ordered[1] <= scoring.trimmed_mean(values, rule=RULE) <= ordered[-2]


@given(totals, st.integers(0, 8))
def test_one_expert_alone_cannot_pull_the_mean_out_of_the_others_range(values, who):
    others = list(values)
    others.pop(who % len(others))

    pulled = scoring.trimmed_mean([*others, Decimal(100)], rule=RULE)

    assert min(others) <= pulled <= max(others)


@given(totals)
def test_every_point_more_never_lowers_the_score(values):
    raised = [min(Decimal(100), value + 1) for value in values]

    assert scoring.trimmed_mean(raised, rule=RULE) >= scoring.trimmed_mean(values, rule=RULE)


def test_the_means_of_the_criteria_leave_nobody_out():
    rows = [{"innovation": Decimal(points)} for points in (10, 20, 25)]

    assert scoring.means(rows, [INNOVATION]) == {"innovation": Decimal("18.33")}


def test_equal_scores_are_ordered_by_innovation_then_ip_then_acceptance():
    early, late = date(2026, 9, 1), date(2026, 9, 2)
    rows = {
        "higher score": scoring.rank(80_000, {}, late),
        "more innovative": scoring.rank(75_000, {"innovation": 21_000}, late),
        "better protected": scoring.rank(75_000, {"innovation": 20_000, "ip": 12_000}, late),
        "accepted earlier": scoring.rank(75_000, {"innovation": 20_000, "ip": 11_000}, early),
        "last": scoring.rank(75_000, {"innovation": 20_000, "ip": 11_000}, late),
    }

    assert sorted(rows, key=rows.__getitem__) == list(rows)
