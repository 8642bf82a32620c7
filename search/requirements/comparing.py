"""How what a product states compares with what is required, by exact arithmetic over all readings of the units."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from search.requirements import indicators
from search.requirements.quantities import LOWER, UPPER, Kind, Quantity
from search.requirements.units import PLAIN, Unit

SHARE_MOST = 50  # percent of an error that anybody states
_DIFFERENCES = ("差", "温升", "均匀", "精度", "漂移", "偏差", "波动", "误差", "准确度", "稳定")


class Fit(StrEnum):
    """What can be said of a product and a requirement."""

    MEETS = "meets"
    EXCEEDS = "exceeds"
    FALLS_SHORT = "falls_short"
    UNKNOWN = "unknown"


class NotComparableError(ValueError):
    """Why two quantities cannot be compared, in the reader's words."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Where a value lies; None is unbounded."""

    low: Fraction | None
    high: Fraction | None
    is_low_open: bool = False
    is_high_open: bool = False

    def lies_above(self, bound: Fraction, *, strictly: bool) -> bool:
        return self.low is not None and (
            self.low > bound or (self.low == bound and (not strictly or self.is_low_open))
        )

    def lies_below(self, bound: Fraction, *, strictly: bool) -> bool:
        return self.high is not None and (
            self.high < bound or (self.high == bound and (not strictly or self.is_high_open))
        )


def compare(required: Quantity, stated: Quantity, *, indicator: str) -> Fit:
    """Tell whether what is stated meets what is required; both are about `indicator`, a folded name.

    `EXCEEDS` is strictly better than the limit. Every reading of the units must lead to the same verdict.

    Raises:
        NotComparableError: the units, or the kinds of statement, do not compare.
    """
    verdicts = {
        _judge(required, stated, need, have, indicator)
        for need, have in _in_one_unit(required, stated, indicator)
    }
    if len(verdicts) != 1:
        raise NotComparableError("单位有不止一种含义，结论不一致")
    return verdicts.pop()


def _in_one_unit(
    required: Quantity, stated: Quantity, indicator: str
) -> Iterator[tuple[tuple[Fraction, ...], tuple[Fraction, ...]]]:
    """Yield the values of both in base units, once for each pair of readings that compares."""
    if required.unit_text and required.unit_text == stated.unit_text:
        yield required.values, stated.values
        return
    if not required.unit_text and not stated.unit_text:
        yield required.values, stated.values
        return
    pairs = [
        (mine, theirs)
        for mine in required.unit or PLAIN
        for theirs in stated.unit or PLAIN
        if mine.compares_with(theirs)
    ]
    if not pairs:
        if not required.unit_text:
            raise NotComparableError(f"要求未写单位，产品以 {stated.unit_text} 计")
        if not stated.unit_text:
            raise NotComparableError(f"产品未写单位，要求以 {required.unit_text} 计")
        raise NotComparableError(f"单位不同：要求以 {required.unit_text} 计，产品以 {stated.unit_text} 计")
    for mine, theirs in pairs:
        shifted = mine.zero != theirs.zero and not any(word in indicator for word in _DIFFERENCES)
        yield _based(required, mine, is_shifted=shifted), _based(stated, theirs, is_shifted=shifted)


def _based(quantity: Quantity, unit: Unit, *, is_shifted: bool) -> tuple[Fraction, ...]:
    zero = unit.zero if is_shifted and quantity.kind is not Kind.MAGNITUDE else Fraction(0)
    return tuple((value + zero) * unit.factor for value in quantity.values)


def _judge(
    required: Quantity,
    stated: Quantity,
    need: tuple[Fraction, ...],
    have: tuple[Fraction, ...],
    indicator: str,
) -> Fit:
    if stated.kind is Kind.ABOUT:
        raise NotComparableError("产品写的是约数，允许的偏差不明")
    if stated.kind is Kind.REACHING:
        stated = replace(stated, kind=Kind.EXACTLY if indicators.is_small(indicator) else Kind.AT_LEAST)
    if stated.kind is Kind.BETTER_THAN:
        raise NotComparableError("产品写“优于”，没有写出确切数值")
    if required.kind is Kind.ABOUT:
        if stated.kind is Kind.EXACTLY and need == have:
            return Fit.MEETS
        raise NotComparableError("要求写的是约数，允许的偏差不明")
    if required.unit_text in ("级", "类") and need == have and stated.kind is Kind.EXACTLY:
        return Fit.MEETS if required.kind not in (Kind.MORE_THAN, Kind.LESS_THAN) else Fit.FALLS_SHORT
    if required.is_sized or stated.is_sized:
        return _sizes(required, stated, need, have)
    kind = _directed(required, indicator)
    is_limit = kind in LOWER + UPPER
    if stated.kind is Kind.RANGE and len(need) == 1 and indicators.is_covered(indicator):
        if indicators.is_borne(indicator, is_limit=is_limit):
            return _borne(kind, need[0], (have[0], have[1]))
        if is_limit:
            return _reached(kind, stated, need[0], have)
    if is_limit:
        if stated.kind is Kind.MAGNITUDE and not _is_sound(kind, indicator):
            raise NotComparableError("产品写的是正负值，要求的方向不明")
        return _one_sided(kind, stated, need[0], have)
    if kind is Kind.MAGNITUDE:
        if indicators.is_covered(indicator) and not required.is_capped:
            return _range((-abs(need[0]), abs(need[0])), stated, have, span="covered", better=None)
        if not (required.is_capped or indicators.is_deviation(indicator)) and have != need:
            raise NotComparableError("要求写的是正负值，是允许的偏差还是须达到的范围不明")
        return _magnitude(abs(need[0]), stated, have)
    if kind is Kind.RANGE:
        better = indicators.is_better(indicator)
        return _range((need[0], need[1]), stated, have, span=indicators.span_of(indicator), better=better)
    if stated.kind is Kind.EXACTLY and need == have:
        return Fit.MEETS
    raise NotComparableError("要求没有写明不低于还是不高于")


def _directed(required: Quantity, indicator: str) -> Kind:
    """Resolve 优于, and of grades that count downwards what 不低于 means."""
    kind, direction = required.kind, indicators.is_better(indicator)
    certain = indicators.is_better(indicator, certainly=True)
    if kind is Kind.REACHING:
        if indicators.is_small(indicator):
            raise NotComparableError("“达到”是指不大于还是不小于不明")
        return Kind.AT_LEAST
    if kind is Kind.EXACTLY and certain:
        return Kind.AT_MOST if certain == "less" else Kind.AT_LEAST
    if kind is Kind.BETTER_THAN:
        # Of an accuracy 99 % is a good one, and 0.1 % is too.
        if direction is None or (direction == "less" and not _is_small(required)):
            raise NotComparableError("“优于”是指更大还是更小不明")
        return Kind.LESS_THAN if direction == "less" else Kind.MORE_THAN
    if kind in LOWER and _is_physical(required) and indicators.is_level(indicator):
        raise NotComparableError("要求的是数值还是水平不低于所写，不明")
    is_share = required.unit_text == "%" and not _is_small(required)
    if kind in LOWER and is_share and direction == "less":
        raise NotComparableError("百分比是指达到的部分还是偏差不明")
    if (kind in UPPER and certain == "more") or (kind in LOWER and certain == "less"):
        raise NotComparableError("要求的方向与这项指标通常的好坏相反，请人工核对")
    if required.unit_text in ("级", "类") and kind in LOWER + UPPER:
        return _graded(required, indicators.grade_of(indicator))
    return kind


def _is_small(quantity: Quantity) -> bool:
    """Return whether a number may be one of which less is better: no share near the whole, no points, no lines."""
    if quantity.unit_text == "%":
        return quantity.values[0] < SHARE_MOST
    return all(
        power > 0 and base != "bit" for unit in quantity.unit for base, power in unit.dimensions
    ) and _is_physical(quantity)


def _is_physical(quantity: Quantity) -> bool:
    """Return whether a measure is asked for, as 0.3mm, and not a number of points or a share."""
    return all(unit.counts is None for unit in quantity.unit)


def _is_sound(kind: Kind, indicator: str) -> bool:
    """Return whether ±x answers a one-sided limit by its size: a deviation an upper one, a range a lower one."""
    return indicators.is_deviation(indicator) if kind in UPPER else indicators.is_covered(indicator)


def _graded(required: Quantity, order: str | None) -> Kind:
    """Return which numbers a limit of grades admits: 不低于二级 asks for 1 or 2 where 1 is the highest."""
    kind = required.kind
    if order == "plain":
        return kind
    if order == "inverse" and required.is_named and kind in LOWER:
        return Kind.AT_MOST if kind is Kind.AT_LEAST else Kind.LESS_THAN
    if order == "inverse" and not required.is_named and kind in UPPER:
        return kind
    raise NotComparableError("级别数字越大还是越小为高，要求没有写明")


def _span(stated: Quantity, have: tuple[Fraction, ...]) -> _Span:
    match stated.kind:
        case Kind.AT_LEAST:
            return _Span(have[0], None)
        case Kind.MORE_THAN:
            return _Span(have[0], None, is_low_open=True)
        case Kind.AT_MOST:
            return _Span(None, have[0])
        case Kind.LESS_THAN:
            return _Span(None, have[0], is_high_open=True)
        case Kind.RANGE:
            return _Span(have[0], have[1])
        case Kind.MAGNITUDE:
            return _Span(abs(have[0]), abs(have[0]))
    return _Span(have[0], have[0])


def _one_sided(kind: Kind, stated: Quantity, bound: Fraction, have: tuple[Fraction, ...]) -> Fit:
    span = _span(stated, have)
    is_open = kind in (Kind.MORE_THAN, Kind.LESS_THAN)
    if kind in LOWER:
        passes, beyond = span.lies_above(bound, strictly=is_open), span.lies_above(bound, strictly=True)
        fails = span.lies_below(bound, strictly=not is_open)
    else:
        passes, beyond = span.lies_below(bound, strictly=is_open), span.lies_below(bound, strictly=True)
        fails = span.lies_above(bound, strictly=not is_open)
    if passes:
        return Fit.EXCEEDS if beyond else Fit.MEETS
    if fails:
        return Fit.FALLS_SHORT
    raise NotComparableError("产品写的是一个区间，不足以判断")


def _borne(kind: Kind, need: Fraction, have: tuple[Fraction, Fraction]) -> Fit:
    """Judge one value that surrounds or feeds a product: 环境温度≤45℃ asks for a product that bears 45 ℃."""
    low, high = have
    if not low <= need <= high:
        return Fit.FALLS_SHORT
    is_beyond = (kind in LOWER and low < need) or (kind in UPPER and high > need)
    return Fit.EXCEEDS if is_beyond else Fit.MEETS


def _reached(kind: Kind, stated: Quantity, need: Fraction, have: tuple[Fraction, ...]) -> Fit:
    """Judge a limit for a span that must be covered, such as 量程≥100: which end it is for is not said."""
    if _one_sided(kind, stated, need, have) is Fit.FALLS_SHORT:
        return Fit.FALLS_SHORT
    raise NotComparableError("产品写的是一个区间，不足以判断")


def _magnitude(limit: Fraction, stated: Quantity, have: tuple[Fraction, ...]) -> Fit:
    if stated.kind in LOWER:
        raise NotComparableError("产品写的是下限，要求的是正负偏差")
    size = max(map(abs, have))
    if size < limit or (size == limit and stated.kind is Kind.LESS_THAN):
        return Fit.EXCEEDS
    if size == limit:
        return Fit.MEETS
    if stated.kind in UPPER:
        raise NotComparableError("产品只写了上限，不足以判断")
    return Fit.FALLS_SHORT


def _range(
    need: tuple[Fraction, Fraction],
    stated: Quantity,
    have: tuple[Fraction, ...],
    *,
    span: str | None,
    better: str | None,
) -> Fit:
    """Compare with a span: one that must be covered, a window in which the value must lie, or either of them."""
    low, high = need
    if stated.kind is Kind.MAGNITUDE:
        stated, have = replace(stated, kind=Kind.RANGE), (-abs(have[0]), abs(have[0]))
    if stated.kind is Kind.RANGE:
        if have == need:
            return Fit.MEETS
        covers, lies_in = have[0] <= low and have[1] >= high, low <= have[0] and have[1] <= high
        if span == "covered":
            return Fit.EXCEEDS if covers else Fit.FALLS_SHORT
        if covers or lies_in:
            raise NotComparableError("要求的范围是须覆盖还是限定不明")
        return Fit.FALLS_SHORT
    if span == "covered":
        raise NotComparableError("产品只写了一个数值，要求的是一个范围")
    value = _span(stated, have)
    if value.lies_above(low, strictly=False) and value.lies_below(high, strictly=False):
        if span == "window":
            return Fit.MEETS
        raise NotComparableError("要求的范围是须覆盖还是限定不明")
    is_low, is_high = value.lies_below(low, strictly=True), value.lies_above(high, strictly=True)
    if (is_low and better == "less") or (is_high and better == "more"):
        raise NotComparableError("产品的数值优于要求的范围，是否允许不明")
    if is_low or is_high:
        return Fit.FALLS_SHORT
    raise NotComparableError("产品只写了一端，不足以判断")


def _sizes(
    required: Quantity, stated: Quantity, need: tuple[Fraction, ...], have: tuple[Fraction, ...]
) -> Fit:
    if (
        not (required.is_sized and stated.is_sized)
        or len(need) != len(have)
        or stated.kind is not Kind.EXACTLY
    ):
        raise NotComparableError("尺寸的写法不同")
    if required.kind not in (*LOWER, *UPPER):
        if need == have:
            return Fit.MEETS
        raise NotComparableError("要求没有写明不低于还是不高于")
    verdicts = {
        _one_sided(required.kind, stated, bound, (value,)) for bound, value in zip(need, have, strict=True)
    }
    if Fit.FALLS_SHORT in verdicts:
        pairs = zip(sorted(need), sorted(have), strict=True)
        if any(_one_sided(required.kind, stated, bound, (v,)) is Fit.FALLS_SHORT for bound, v in pairs):
            return Fit.FALLS_SHORT
        raise NotComparableError("尺寸的次序不同")
    return Fit.EXCEEDS if verdicts == {Fit.EXCEEDS} else Fit.MEETS
