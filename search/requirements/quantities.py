"""Quantities in a text: a value or span with its unit, and how a requirement compares with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from fractions import Fraction

from search.requirements import units
from search.requirements.numerals import NUMBER, value
from search.requirements.units import Readings

SIZES_MAX = 4  # a length, a width, a height, and one to spare


class Kind(Enum):
    """How a number bounds what is measured."""

    AT_LEAST = auto()
    MORE_THAN = auto()
    AT_MOST = auto()
    LESS_THAN = auto()
    EXACTLY = auto()
    RANGE = auto()
    MAGNITUDE = auto()
    ABOUT = auto()
    BETTER_THAN = auto()
    REACHING = auto()


LOWER = (Kind.AT_LEAST, Kind.MORE_THAN)
UPPER = (Kind.AT_MOST, Kind.LESS_THAN)

_NOT = r"不(?:得|应|宜|可|能|许|允许|会|应当)?"
_MUST = r"(?:应|须|需|要|必须|应当|宜)?"
# The longest wording first. 以上、以下、以内 include the number, 超过、不满 do not: 《民法典》第一千二百五十九条.
_COMPARISONS = (
    (Kind.AT_LEAST, rf"≥|{_NOT}(?:低于|小于|少于|短于|窄于|下于|亚于)|(?:大于|高于|多于|长于)(?:或|/|或者)?等于|(?:至少|最少|起码)(?:达到?|为|有|支持|提供)?"),
    (Kind.AT_MOST, rf"≤|{_NOT}(?:高于|大于|多于|超过|超出|长于|超)|(?:小于|低于|少于|短于)(?:或|/|或者)?等于|(?:控制在|限制在)"),
    (Kind.MORE_THAN, r">|大于|高于|多于|超过|超出|长于|超"),
    (Kind.LESS_THAN, r"<|小于|低于|少于|短于|不足|不满|未满"),
    (Kind.BETTER_THAN, rf"优于|好于|{_NOT}(?:劣于|差于|逊于)"),
    (Kind.REACHING, rf"{_MUST}(?:可)?(?:达到|达)(?:了)?"),
    (Kind.ABOUT, r"大约|大致|约为|约|近似|接近|(?:至多|最多)(?:可|支持)*"),
    (Kind.EXACTLY, r"等于|为|是|:|="),
)  # fmt: skip
_BEFORE = [(kind, re.compile(rf"(?:{wording})\s*[:为]?\s*$")) for kind, wording in _COMPARISONS]
_AFTERWARDS = (
    (Kind.AT_LEAST, re.compile(r"\s?(?:\(含\))?(?:(?:或|及|和|及其)?以上|(?:或|及)更[高多大长久]|起步?(?=$|的|、))")),
    (Kind.AT_MOST, re.compile(r"\s?(?:\(含\))?(?:(?:或|及|和|及其)?以下|(?:或|及)更[低少小短]|(?:以|之)内|内(?=$|的|完成))")),
    (Kind.ABOUT, re.compile(r"\s?(?:左右|上下)")),
)  # fmt: skip
_INCLUSIVE = re.compile(
    rf"\s?\((?P<not>不)?包?含(?:本数|本级|本身|等于|(?P<number>{NUMBER})[^()\d]{{0,5}})?\)"
)
_STRICTLY = {Kind.AT_LEAST: Kind.MORE_THAN, Kind.AT_MOST: Kind.LESS_THAN}
_AGAIN = re.compile(r"\s?\((?:即|也就是|合|=)?([^()]*)\)")

_SIGN = r"(?:(?<![\dA-Za-z)°%])[+-]\s?)?"
_SIGNED = rf"{_SIGN}(?:{NUMBER})"
_QUANTITY = re.compile(rf"(?P<plus>±\s?)?(?<![A-Za-z\d.^])(?<![A-Za-z][-.])(?P<first>{_SIGNED})")
_TO = re.compile(rf"\s?(?:~|至|到|-|—|…|与|和)\s?(?P<second>[+-]?\s?(?:{NUMBER}))")
_DATE = re.compile(r"\d{4}\s?[-/.年]\s?\d{1,2}\s?(?:[-/.月]\s?\d{1,2}\s?日?|月)")
_REST = re.compile(r"[\d.~+^×°%A-Za-z至到-]*")  # of a number that could not be read
_TOLERANCE = re.compile(rf"\s?±\s?(?P<second>{NUMBER})")
_TIMES = re.compile(rf"\s?[×xX*]\s?(?P<next>{NUMBER})(?!\^)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A statement about a number: its bounds as written, the readings of its unit, its place in the text.

    A range and a nominal value with its tolerance have two values, a magnitude `±x` one, sizes such as 60×40 several.
    """

    kind: Kind
    values: tuple[Fraction, ...]
    unit: Readings
    unit_text: str
    start: int
    end: int
    is_sized: bool = False
    is_capped: bool = False  # of ±x: that it is a limit, which 不超过 says
    is_named: bool = False  # by words rather than by ≥ and ≤, which matters where less is better

    def end_at(self, is_upper: bool) -> "Quantity":
        """Return the one end of a span as a value."""
        return replace(self, kind=Kind.EXACTLY, values=self.values[-1:] if is_upper else self.values[:1])


def quantities(text: str, unit: str = "") -> Iterator[Quantity]:
    """Yield the quantities of a folded text, from left to right; numbers in brackets and in codes are none.

    `unit` is that of a number without one.
    """
    position = 0
    while match := _QUANTITY.search(text, position):
        if date := _DATE.match(text, match.start()):
            position = date.end()
            continue
        if _depth(text, match.start()) or not (found := _read(text, match, unit)):
            position = _REST.match(text, match.end()).end()  # type: ignore[union-attr] # it matches nothing too
            continue
        yield found
        position = max(found.end, match.end())


def _depth(text: str, position: int) -> int:
    return text.count("(", 0, position) - text.count(")", 0, position)


def _read(text: str, match: re.Match[str], default_unit: str) -> Quantity | None:
    first = _number(match["first"])
    if first is None:
        return None
    start, end = match.start(), match.end()
    unit, readings, end = _unit(text, end)
    if _is_generation(unit, first):
        return None
    values: tuple[Fraction, ...] = (first,)
    kind, is_sized = Kind.EXACTLY, False
    before, opening = _comparison_before(text, start)
    if match["plus"]:
        kind = Kind.MAGNITUDE
    elif second := _TOLERANCE.match(text, end):
        tolerance = value(second["second"])
        inner, inner_readings, beyond = _unit(text, second.end())
        if tolerance is None:
            return None
        if inner == "%" and unit != "%":
            tolerance = abs(first) * tolerance / 100
        elif not unit:
            unit, readings = inner, inner_readings
        elif inner != unit:
            return None
        kind, values, end = Kind.RANGE, (first - tolerance, first + tolerance), beyond
    elif (second := _TO.match(text, end)) and _is_range(text, second, opening):
        other = _number(second["second"])
        inner, inner_readings, beyond = _unit(text, second.end())
        if other is None:
            return None
        low, high = first, other
        if unit and inner != unit:
            low, high, inner, inner_readings = _common(first, readings, other, inner, inner_readings)
            if not inner:
                return None
        if low > high:
            return None
        kind, values, unit, readings, end = Kind.RANGE, (low, high), inner, inner_readings, beyond
        if after_range := re.match(r"\s?之间", text[end:]):
            end += after_range.end()
    elif _TIMES.match(text, end):
        values, unit, readings, end = _sizes(text, first, unit, readings, end)
        is_sized = True
        if len(values) < 2:
            return None
    if not unit and default_unit:
        unit, readings = default_unit, units.parse(default_unit) or units.opaque(default_unit)
    after, end = _comparison_after(text, end, first)
    if not is_sized and (again := _AGAIN.match(text, end)) and _says_again(again[1], first, readings):
        end = again.end()
    merged = _merge(kind, before, after)
    if merged is None:
        return None
    return Quantity(
        merged, values, readings, unit, opening, end, is_sized,
        is_capped=bool({before, after} & set(UPPER)), is_named=_is_worded(text[opening:start], after),
    )  # fmt: skip


def _number(text: str) -> Fraction | None:
    text = text.replace(" ", "")
    magnitude = value(text.lstrip("+-"))
    return -magnitude if magnitude is not None and text.startswith("-") else magnitude


def _unit(text: str, end: int) -> tuple[str, Readings, int]:
    rest = text[end:]
    blank = len(rest) - len(rest.lstrip())
    unit, readings = units.longest(rest[blank:])
    return unit, (readings if unit else units.PLAIN), end + (blank + len(unit) if unit else 0)


def _is_generation(unit: str, number: Fraction) -> bool:
    """Return whether 5G and the like is meant, a name rather than a quantity."""
    return unit in ("G", "g", "D", "d") and number in (2, 3, 4, 5, 6)


def _is_range(text: str, second: re.Match[str], opening: int) -> bool:
    """Return whether two numbers stand for the span between them; 与 and 和 only after 介于 or 在."""
    mark = second[0][: second.start("second") - second.start()].strip()
    if mark in ("与", "和"):
        return bool(
            re.search(r"(?:介于|在|介乎)\s?$", text[:opening])
            and "之间" in text[second.end() : second.end() + 20]
        )
    return True


def _common(
    first: Fraction, readings: Readings, second: Fraction, unit: str, others: Readings
) -> tuple[Fraction, Fraction, str, Readings]:
    """Tell both ends of a span in the unit of its second; an empty unit when that cannot be done."""
    if len(readings) != 1 or len(others) != 1 or not readings[0].compares_with(others[0]):
        return first, second, "", ()
    if readings[0].zero != others[0].zero:
        return first, second, "", ()
    return first * readings[0].factor / others[0].factor, second, unit, others


def _sizes(
    text: str, first: Fraction, unit: str, readings: Readings, end: int
) -> tuple[tuple[Fraction, ...], str, Readings, int]:
    values = [first]
    named = unit
    while len(values) < SIZES_MAX and (match := _TIMES.match(text, end)):
        number = value(match["next"])
        inner, found, end = _unit(text, match.end())
        if number is None or (named and inner and inner != named):
            return (), "", (), end
        if inner:
            named, readings = inner, found
        values.append(number)
    return tuple(values), named, readings, end


def _comparison_before(text: str, start: int) -> tuple[Kind | None, int]:
    """Return the comparison that stands right before a number, and where it begins."""
    left = text[:start]
    opening: int = start
    kind: Kind | None = None
    for _ in range(2):  # such as 约 after 不超过, or a colon before 不低于
        for each, pattern in _BEFORE:
            if found := pattern.search(left[:opening]):
                opening = found.start()
                if kind in (None, Kind.EXACTLY, Kind.REACHING):
                    kind = each
                elif each not in (kind, Kind.EXACTLY):
                    kind = Kind.ABOUT if Kind.ABOUT in (kind, each) else kind
                break
        else:
            break
    return kind, opening


def _comparison_after(text: str, end: int, number: Fraction) -> tuple[Kind | None, int]:
    """Return the comparison right after a number, and where it ends; 以上(不含) leaves the number itself out."""
    if (marked := _included(text, end, number)) and not marked["not"]:
        end = marked.end()
    for kind, pattern in _AFTERWARDS:
        if found := pattern.match(text, end):
            if marked := _included(text, found.end(), number):
                return (_STRICTLY.get(kind, kind) if marked["not"] else kind), marked.end()
            return kind, found.end()
    return None, end


def _included(text: str, start: int, number: Fraction) -> re.Match[str] | None:
    """Match what says that a limit is itself within, as (含) or (含5年); (含Excel) is no such thing."""
    marked = _INCLUSIVE.match(text, start)
    return marked if marked and (not marked["number"] or value(marked["number"]) == number) else None


def _says_again(text: str, first: Fraction, readings: Readings) -> bool:
    """Return whether a bracket tells the same quantity in another unit, as 2年(24个月) does."""
    number = re.match(NUMBER, text)
    magnitude = value(number[0]) if number else None
    others = units.parse(text[number.end() :]) if number else ()
    return magnitude is not None and any(
        one.dimensions == other.dimensions and first * one.factor == magnitude * other.factor
        for one in readings
        for other in others
    )


def _merge(kind: Kind, before: Kind | None, after: Kind | None) -> Kind | None:
    """Return what all parts of a statement say together, None where they contradict each other."""
    if Kind.ABOUT in (before, after):
        return Kind.ABOUT
    if kind is Kind.MAGNITUDE:
        return (
            Kind.MAGNITUDE
            if before in (None, Kind.EXACTLY, Kind.BETTER_THAN, Kind.REACHING, *UPPER)
            and after in (None, *UPPER)
            else None
        )
    if kind is Kind.RANGE:
        allowed = (None, Kind.EXACTLY, Kind.AT_LEAST, Kind.BETTER_THAN, Kind.REACHING)
        return Kind.RANGE if before in allowed and after is None else None
    if before is Kind.REACHING and after is not None:
        before = None  # 达到50片以上
    said = [each for each in (before, after) if each not in (None, Kind.EXACTLY)]
    if not said:
        return kind
    sides = {each in LOWER for each in said}
    if len(sides) > 1 and Kind.BETTER_THAN not in said:
        return None
    return said[0]


def _is_worded(comparison: str, after: Kind | None) -> bool:
    return after is not None or not set(comparison) & set("≥≤><=")
