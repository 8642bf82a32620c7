"""Score sheets and their aggregate, calculated: values in, values out. Points are Decimals from 0 to 100."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from registry.errors import RuleError
from registry.types import Points

CENT = Decimal("0.01")
FULL = Decimal(100)
THOUSAND = 1000
TRIMMED = 2  # one highest and one lowest


class TooFewScoresError(RuleError):
    """There are fewer valid sheets than the rule asks for."""


# --- what the policy says -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a rubric; `weight` is its maximum in points."""

    key: str
    label: str
    weight: Decimal
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How points are given: their step, and below and above which share of the maximum a reason is due."""

    step: Decimal
    low: Decimal
    high: Decimal
    reason_at_least: int


@dataclass(frozen=True, slots=True)
class AggregationRule:
    """How sheets become one official score, and what passes."""

    least_valid: int
    trim_from: int
    pass_mark: Decimal
    recommend_share: Decimal
    veto_share: Decimal
    spread_at_most: Decimal


def rubric_of(value: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Return a rubric as a parameter writes it.

    Raises:
        RuleError: the weights do not make 100, or a key comes twice.
    """
    rubric = tuple(
        Criterion(row["key"], row["label"], Decimal(row["weight"]), row["anchor"]) for row in value
    )
    if sum(criterion.weight for criterion in rubric) != FULL:
        raise RuleError("评分表：各项满分之和须为 100 分。", parameter="weight")
    if len({criterion.key for criterion in rubric}) != len(rubric):
        raise RuleError("评分表：指标代码不得重复。", parameter="key")
    return rubric


def scale_of(value: Mapping[str, Any]) -> Scale:
    """Return the scale as the parameter `review.scale` writes it."""
    return Scale(
        Decimal(value["step"]), Decimal(value["low"]), Decimal(value["high"]), value["reason_at_least"]
    )


def aggregation_of(value: Mapping[str, Any]) -> AggregationRule:
    """Return the rule as the parameter `review.aggregation` writes it.

    Raises:
        RuleError: it would trim all the totals there are.
    """
    if value["trim_from"] <= TRIMMED:
        raise RuleError(f"汇总规则：去掉最高、最低分须至少有 {TRIMMED + 1} 份评分表。", parameter="trim_from")
    return AggregationRule(
        value["least_valid"],
        value["trim_from"],
        Decimal(value["pass_mark"]),
        Decimal(value["recommend_share"]),
        Decimal(value["veto_share"]),
        Decimal(value["spread_at_most"]),
    )


# --- one sheet ----------------------------------------------------------------------------------------------------


def read_points(text: str, criterion: Criterion, scale: Scale) -> Decimal:
    """Return the points that were typed for a criterion.

    Raises:
        RuleError: no number, outside 0 and the maximum, or between two steps.
    """
    try:
        points = Decimal(text.strip())
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite() or not 0 <= points <= criterion.weight or points % scale.step:
        raise RuleError(
            f"{criterion.label}：评分为 0 至 {criterion.weight} 分，每 {scale.step} 分一档。",
            parameter=criterion.key,
        )
    return points


def needs_reason(points: Decimal, criterion: Criterion, scale: Scale) -> bool:
    """Return whether points are so low or so high that a reason is due; the two bounds themselves are not."""
    return points < criterion.weight * scale.low or points > criterion.weight * scale.high


def check_reason(points: Decimal, reason: str, criterion: Criterion, scale: Scale) -> None:
    """Refuse points that need a reason and have too short a one.

    Raises:
        RuleError: the reason has fewer characters than the scale asks for; white space does not count.
    """
    if needs_reason(points, criterion, scale) and len("".join(reason.split())) < scale.reason_at_least:
        raise RuleError(
            f"{criterion.label}：评分低于满分的 {scale.low:.0%} 或者高于 {scale.high:.0%} 时，"
            f"理由不少于 {scale.reason_at_least} 个字。",
            parameter=criterion.key,
        )


def to_points(value: Decimal) -> Points:
    """Return a score as the database keeps it; it has at most three places."""
    return Points(int(value * THOUSAND))


def from_points(value: int) -> Decimal:
    """Return a stored score as a Decimal with two places or, where it has them, three."""
    score = Decimal(value) / THOUSAND
    return score.quantize(CENT) if score == score.quantize(CENT) else score


# --- many sheets --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """A valid sheet: its total, whether it recommends the product, and the veto questions it answered with yes."""

    total: Decimal
    recommends: bool
    vetoes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What the sheets make together; `spread` is between the highest and the lowest of all valid totals."""

    score: Decimal
    recommend_share: Decimal
    spread: Decimal
    valid: int
    vetoes: Mapping[str, int]
    passes_mark: bool
    passes_share: bool
    is_vetoed: bool
    is_wide: bool

    @property
    def is_above_line(self) -> bool:
        """Return whether the product may go to the committee without a motion."""
        return self.passes_mark and self.passes_share and not self.is_vetoed


def half_up(value: Decimal, *, to: Decimal = CENT) -> Decimal:
    """Round once, half up: 69.995 is 70.00."""
    return value.quantize(to, ROUND_HALF_UP)


def trimmed_mean(totals: Sequence[Decimal], *, rule: AggregationRule) -> Decimal:
    """Average the valid totals, without one highest and one lowest from `rule.trim_from` on.

    Totals are points 0-100, one per expert, in any order; rounded once, half up, to 2 places.

    Raises:
        TooFewScoresError: fewer than `rule.least_valid` totals.
    """
    if len(totals) < rule.least_valid:
        raise TooFewScoresError(
            f"有效评分表 {len(totals)} 份，不足 {rule.least_valid} 份，不能汇总得分。", parameter="sheets"
        )
    kept = sorted(totals)[1:-1] if len(totals) >= rule.trim_from else list(totals)
    return half_up(sum(kept, Decimal(0)) / len(kept))


def aggregate(sheets: Sequence[Sheet], rule: AggregationRule) -> Aggregate:
    """Make one result of the valid sheets: who was recused or came late is not among them, and is no zero.

    The line is reached when the rounded mean reaches the mark, enough of all valid sheets recommend, and no veto
    question was answered with yes by as many as the rule says.

    Raises:
        TooFewScoresError: fewer than `rule.least_valid` sheets.
    """
    totals = [sheet.total for sheet in sheets]
    score = trimmed_mean(totals, rule=rule)
    count = len(sheets)
    recommending = sum(sheet.recommends for sheet in sheets)
    vetoes = {
        key: sum(key in sheet.vetoes for sheet in sheets)
        for key in sorted({key for sheet in sheets for key in sheet.vetoes})
    }
    spread = max(totals) - min(totals)
    return Aggregate(
        score=score,
        recommend_share=half_up(Decimal(recommending) / count, to=Decimal("0.001")),
        spread=spread,
        valid=count,
        vetoes=vetoes,
        passes_mark=score >= rule.pass_mark,
        passes_share=recommending >= rule.recommend_share * count,
        is_vetoed=any(raised >= rule.veto_share * count for raised in vetoes.values()),
        is_wide=spread > rule.spread_at_most,
    )


def means(sheets: Sequence[Mapping[str, Decimal]], rubric: Sequence[Criterion]) -> dict[str, Decimal]:
    """Return the mean of each criterion over all valid sheets, none left out, rounded half up to 2 places."""
    return {
        criterion.key: half_up(
            sum((sheet[criterion.key] for sheet in sheets), Decimal(0)) / max(1, len(sheets))
        )
        for criterion in rubric
    }


def rank(score: int, means: Mapping[str, int], accepted_on: date) -> tuple[int, int, int, date]:
    """Return by what scored products are ordered: score, then innovation, then intellectual property, then acceptance."""
    return -score, -means.get("innovation", 0), -means.get("ip", 0), accepted_on
