"""Units: what a text like `kPa`, `r/min` or `万次` stands for, exactly, with every reading it may have."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from search.requirements.text import fold

TEXT_MAX = 24  # characters of the longest unit that anybody writes; what is longer is no unit
EXPONENT_MAX = 9
POWER_MAX = 30  # of ten, in a unit
READINGS_MAX = 8
REMEMBERED = 4_096  # texts of units that come again and again in one table
_MULTIPLES = {"百": 100, "千": 1000, "万": 10_000, "十万": 100_000, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_FACTOR = re.compile(
    r"(\d+(?:\.\d+)?(?![\d.^]))?(?:×?10\^(-?\d+))?(百万|千万|十万|百|千|万|亿)?(.*)", re.DOTALL
)
_SPANNING = re.compile(r"[A-Za-z°%μΩ\u4e00-\u9fff](?:\s?-\s?|\s)?\d$")
_POWER = re.compile(r"(.*?[^\d\u4e00-\u9fff]|.*米)\^?(-?\d)", re.DOTALL)

Dimensions = frozenset[tuple[str, Fraction]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One reading of a unit: how many of the base units of its dimensions it is, and where its zero lies."""

    factor: Fraction
    dimensions: Dimensions
    zero: Fraction = Fraction(0)

    @property
    def counts(self) -> str | None:
        """Return the thing that is counted, empty for a plain number, None for what is measured."""
        if not self.dimensions:
            return ""
        [(base, power), *others] = self.dimensions
        return base if not others and power == 1 and base in _table().counters else None

    def compares_with(self, other: "Unit") -> bool:
        """Return whether a value in the one can be told in the other; 个 stands for any counted thing."""
        if self.dimensions == other.dimensions:
            return True
        mine, theirs = self.counts, other.counts
        return mine is not None and theirs is not None and bool({mine, theirs} & {"", "个"})


Readings = tuple[Unit, ...]
PLAIN: Readings = (Unit(Fraction(1), frozenset()),)


@dataclass(frozen=True, slots=True)
class _Table:
    exact: Mapping[str, Readings]
    loose: Mapping[str, Readings]
    counters: frozenset[str]


@lru_cache(maxsize=REMEMBERED)
def parse(text: str) -> Readings:
    """Return the readings of a folded unit; none when it is no known unit, the plain number when it is empty."""
    text = text.replace(" ", "")
    if not text:
        return PLAIN
    return () if len(text) > TEXT_MAX else _parse(text, _table())


def opaque(text: str) -> Readings:
    """Return the unit of a text that no table knows: comparable with the very same text alone."""
    return (Unit(Fraction(1), frozenset({(text.replace(" ", ""), Fraction(1))})),)


def longest(text: str) -> tuple[str, Readings]:
    """Return the longest unit at the beginning of a folded text with its readings; empty when there is none."""
    if re.match(r":1(?!\d)", text):
        return ":1", parse(":1")
    stop = re.match(r"[^,;:。、，；：<>≤≥=±~]*", text)
    beginning = (stop[0] if stop else "")[:TEXT_MAX]
    for end in range(len(beginning), 0, -1):
        part = beginning[:end]
        if part != part.strip() or _cuts_a_word(text, end):
            continue
        if readings := parse(part):
            return part, readings
    return "", ()


def _cuts_a_word(text: str, end: int) -> bool:
    """Return whether a unit that ends here would be the beginning of a longer word or number, or the first of a span.

    `V-2` in `198V-242V` is no power, nor `℃-5` in `0℃-5℃`, nor `V 5` in `220V 50Hz`.
    """
    if _SPANNING.search(text[:end]):
        return bool(re.match(r"[A-Za-z\d.°%μΩ]", text[end:]))
    return bool(re.match(r"[A-Za-z]", text[end - 1]) and re.match(r"[A-Za-z]", text[end:]))


@cache
def _table() -> _Table:
    content = tomllib.loads((Path(__file__).parent / "units.toml").read_text("utf-8"))
    exact: defaultdict[str, dict[Unit, None]] = defaultdict(dict)
    counters: set[str] = set()
    for symbol, row in content["units"].items():
        known = _Table({name: tuple(units) for name, units in exact.items()}, {}, frozenset())
        names = [fold(name) for name in (symbol, *row.get("names", ()))]
        units = _defined(names[0], row, known)
        if row.get("counts"):
            counters.add(names[0])
        for name in names:
            exact[name].update(dict.fromkeys(units))
            for prefix, power in _prefixes(name, row, content["prefixes"]):
                scale = [Fraction(10) ** power]
                if row.get("binary") and power >= 3:
                    scale.append(Fraction(1024) ** (power // 3))
                exact[prefix + name].update(
                    dict.fromkeys(
                        Unit(unit.factor * each, unit.dimensions) for unit in units for each in scale
                    )
                )
    loose: defaultdict[str, dict[Unit, None]] = defaultdict(dict)
    for name, found in exact.items():
        if name.isascii() or name[0] == "μ":
            loose[name.lower()].update(found)
    return _Table(
        {name: tuple(found) for name, found in exact.items()},
        {name: tuple(found) for name, found in loose.items()},
        frozenset(counters),
    )


def _defined(name: str, row: Mapping[str, Any], known: _Table) -> Readings:
    if "is" not in row:
        return (Unit(Fraction(1), frozenset({(name, Fraction(1))})),)
    written = [row["is"]] if isinstance(row["is"], str) else row["is"]
    units = [unit for text in written for unit in _parse(fold(text).replace(" ", ""), known)]
    if not units:
        raise ValueError(f"the unit {name!r} is defined by {written!r}, which is not above it")
    return tuple(Unit(unit.factor, unit.dimensions, Fraction(row.get("zero", 0))) for unit in units)


def _prefixes(
    name: str, row: Mapping[str, Any], prefixes: Mapping[str, Mapping[str, Any]]
) -> Iterable[tuple[str, int]]:
    for letter in row.get("prefixes", ""):
        prefix = prefixes[letter]
        if name.isascii() or name == "Ω":
            yield fold(letter), prefix["power"]
        elif "chinese" in prefix:
            yield prefix["chinese"], prefix["power"]


def _parse(text: str, table: _Table) -> Readings:
    if found := table.exact.get(text):
        return found
    parts = _split(_written_out(text.replace("每", "/")), "/")
    if parts is None:
        return ()
    numerator, *denominators = parts
    groups = [_product(numerator, table) if numerator else PLAIN]
    groups += [_raised(_product(part, table), -1) for part in denominators]
    return _times(groups)


def _written_out(text: str) -> str:
    """Write out 分 and 时 below a stroke, where they can only be minutes and hours, and roots as roots."""
    text = re.sub(r"m\^(?:1/2|0\.5|\(1/2\))", "√m", text)
    return re.sub(r"/时(?!间)", "/h", re.sub(r"/分(?!钟)", "/min", text))


def _product(text: str, table: _Table) -> Readings:
    if text.startswith("(") and text.endswith(")") and _split(text[1:-1], "/") is not None:
        return _parse(text[1:-1], table)
    factors = _split(text, "·")
    if factors is None or not all(factors):
        return _one(text, table)
    return _one(text, table) or (_times([_one(each, table) for each in factors]) if len(factors) > 1 else ())


def _one(text: str, table: _Table) -> Readings:
    """Read one unit with its power, or a number that stands in a unit such as `g/100g` or `万次`."""
    if found := table.exact.get(text):
        return found
    if text.startswith("√") and not text.startswith("√√"):
        return _raised(_one(text[1:], table), Fraction(1, 2))
    if (power := _POWER.fullmatch(text)) and (base := _named(power[1], table)):
        return _raised(base, int(power[2]))
    if found := _named(text, table):
        return found
    match = _FACTOR.fullmatch(text)
    if match is None or not any(match.groups()[:3]):
        return ()
    number, tens, multiple, rest = match.groups()
    if (number is not None and not float(number)) or (tens is not None and abs(int(tens)) > POWER_MAX):
        return ()
    scale = Fraction(number or 1) * Fraction(10) ** int(tens or 0) * _MULTIPLES.get(multiple or "", 1)
    units = _one(rest, table) if rest else PLAIN
    return tuple(Unit(unit.factor * scale, unit.dimensions) for unit in units)


def _named(text: str, table: _Table) -> Readings:
    return table.exact.get(text) or (table.loose.get(text.lower()) if len(text) > 1 else None) or ()


def _split(text: str, marks: str) -> list[str] | None:
    """Split at marks outside brackets; None where the brackets do not pair."""
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return None
        if character in marks and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts if depth == 0 else None


def _raised(units: Readings, power: Fraction | int) -> Readings:
    if not -EXPONENT_MAX <= power <= EXPONENT_MAX:
        return ()
    return tuple(
        Unit(_rooted(unit.factor, power), frozenset((base, each * power) for base, each in unit.dimensions))
        for unit in units
        if power == int(power) or _rooted(unit.factor, power)
    )


def _rooted(factor: Fraction, power: Fraction | int) -> Fraction:
    """Return a power of a factor; of roots only those that come out even, else zero."""
    if power == int(power):
        return factor ** int(power)
    root = Fraction(round(factor.numerator**0.5), round(factor.denominator**0.5))
    return root if root * root == factor else Fraction(0)


def _times(groups: list[Readings]) -> Readings:
    found: dict[Unit, None] = {}
    for units in product(*groups):
        factor, powers = Fraction(1), defaultdict[str, Fraction](Fraction)
        for unit in units:
            factor *= unit.factor
            for base, power in unit.dimensions:
                powers[base] += power
        dimensions = frozenset((base, power) for base, power in powers.items() if power)
        zero = units[0].zero if len(units) == 1 else Fraction(0)
        found[Unit(factor, dimensions, zero)] = None
        if len(found) == READINGS_MAX:
            break
    return tuple(found)
