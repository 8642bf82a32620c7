"""Names of indicators: when two of them mean the same, and when they only look alike."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from search.requirements import units

NAME_MAX = 120  # characters; a longer one is no name
NEAR_MAX = 2  # times as long as another name that it holds
OWN_WORD_MIN = 2  # characters of a product's own name that a requirement may repeat
CORE_MIN = 2
EDGES = frozenset("的应须需值数为是其该且并")
REMEMBERED = 8_192
_BRACKETS = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")  # with one pair inside, as in (dB(A))
_VALUE = re.compile(r"(?!10\^)\d")  # 12英寸 in brackets is a condition, not the unit of what is measured
_IGNORED = re.compile(r"[\s、，,。；;：:!?\"'“”‘’《》/·.\-_*#★▲●■◆]+")
_SEPARATORS = re.compile(r"[\s:]+(?=[^A-Za-z\d]|$)|(?<=[^A-Za-z\d])[\s:]+")
_CURRENTS = re.compile(r"(?<![A-Za-z])(AC|DC)(?![A-Za-z])|交流|直流")
_CURRENT_NAMES = {"交流": "AC", "直流": "DC"}

Likeness = Literal["same", "near"] | None


@dataclass(frozen=True, slots=True)
class Name:
    """What an indicator measures, which end of it, and under which conditions; `unit` is one named in brackets."""

    core: str
    statistics: frozenset[str]
    qualifiers: frozenset[str]
    unit: str = ""


@cache
def words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "indicators.toml").read_text("utf-8"))


@cache
def _same() -> tuple[re.Pattern[str], dict[str, str]]:
    terms = {term.lower(): group[0].lower() for group in words()["same"] for term in group}
    ordered = sorted(terms, key=len, reverse=True)
    # A Latin abbreviation is a word of its own: LOD does not stand in BLOOD.
    spelled = (
        rf"(?<![a-z]){re.escape(term)}(?![a-z])" if term[0].isascii() else re.escape(term) for term in ordered
    )
    return re.compile("|".join(spelled)), terms


@cache
def _statistics() -> dict[str, str]:
    return {word: name for name, words in words()["statistics"].items() for word in words}


@cache
def _neutral() -> frozenset[str]:
    return frozenset(words()["neutral"])


def canonical(text: str) -> str:
    """Return a folded text in lower case with one term for all that mean the same."""
    pattern, terms = _same()
    return pattern.sub(lambda found: terms[found[0]], text.lower())


@lru_cache(maxsize=REMEMBERED)
def name(text: str) -> Name:
    """Read the name of an indicator, as a requirement or a product writes it."""
    text = _SEPARATORS.sub("", text[:NAME_MAX])
    qualifiers = set()
    for found in _CURRENTS.finditer(text):
        qualifiers.add(_CURRENT_NAMES.get(found[0], found[0]))
    text = canonical(_CURRENTS.sub("", text))
    unit = ""
    plain = _BRACKETS.sub("", text)
    for content in _BRACKETS.findall(text):
        if units.parse(content) and content and not _VALUE.match(content):
            unit = content
        elif canonical(content) not in plain and not is_said_by(_IGNORED.sub("", content), ()):
            qualifiers.add(_IGNORED.sub("", content.replace("um", "μm")))
    statistics = set()
    for word, statistic in _statistics().items():
        if word in plain:
            plain = plain.replace(word, "", 1)
            statistics.add(statistic)
    return Name(_IGNORED.sub("", plain), frozenset(statistics), frozenset(qualifiers - {""}), unit)


def bare(text: str) -> str:
    """Return a folded text in lower case without signs and brackets."""
    return re.sub(r"[()]", "", _IGNORED.sub("", text.lower()))


def likeness(asked: Name, given: Name, own: Iterable[str]) -> Likeness:
    """Tell whether what is asked for is what a product states; `own` are the product's names, in which it may be called.

    Every character of both must be accounted for: words that say nothing, or the product's own.
    """
    if not asked.core or not given.core:
        return None
    cores = _cores(asked.core, given.core, tuple(own))
    if cores != "same":
        return cores
    # Who does not say which current takes either.
    qualifiers = (given.qualifiers, given.qualifiers - set(_CURRENT_NAMES.values()))
    is_same = asked.statistics == given.statistics and asked.qualifiers in qualifiers
    return "same" if is_same else "near"


def _cores(asked: str, given: str, own: tuple[str, ...]) -> Likeness:
    bare_asked, bare_given = strip(asked), strip(given)
    if not bare_asked or not bare_given:
        return None
    if bare_asked == bare_given:
        return "same"
    if bare_given in asked:
        before, _, after = asked.rpartition(bare_given)
        if is_said_by(before, own) and is_said_by(after, own):
            return "same"
        return "near" if len(asked) <= NEAR_MAX * len(bare_given) else None
    return "near" if bare_asked in given else None


@cache
def _silent() -> frozenset[str]:
    return _neutral() | frozenset(words()["around"])


@cache
def _outer() -> tuple[str, ...]:
    """Return the words that may be cut from the ends of a name, longest first; most single characters are parts of words."""
    outer = {word for word in _neutral() if len(word) > 1 or word in EDGES}
    return tuple(sorted(outer, key=len, reverse=True))


@lru_cache(maxsize=REMEMBERED)
def strip(core: str) -> str:
    """Return a name without words at its beginning and its end that say nothing; two characters stay at least."""
    changed = True
    while changed:
        changed = False
        for word in _outer():
            if len(core) < len(word) + CORE_MIN:
                continue
            if core.startswith(word):
                core, changed = core[len(word) :], True
            elif core.endswith(word):
                core, changed = core[: -len(word)], True
    return core


def is_said_by(text: str, own: Iterable[str], more: frozenset[str] = frozenset()) -> bool:
    """Return whether a text consists of words that say nothing, some more words, and parts of the product's own names."""
    names = tuple(own)
    reached = {0}
    silent = _silent() | more
    longest = max(map(len, silent))
    furthest = max(longest, *map(len, names), 0)
    for start in range(len(text)):
        if start not in reached:
            continue
        for end in range(start + 1, len(text) + 1):
            part = text[start:end]
            if end - start <= longest and part in silent:
                reached.add(end)
            if end - start >= OWN_WORD_MIN:
                if any(each.endswith(part) for each in names):
                    reached.add(end)
                elif end - start > furthest:
                    break
    return len(text) in reached


def _holds(text: str, table: str, kind: str) -> bool:
    """Return whether a word of a list stands in a text."""
    text = canonical(text)
    return any(word in text for word in words()[table][kind])


def span_of(text: str) -> Literal["covered", "window"] | None:
    """Tell whether a span of this indicator is to be covered or is where a value must lie, None where that is not clear."""
    is_covered, is_window = (_holds(text, "spans", kind) for kind in ("covered", "windows"))
    return None if is_covered == is_window else "covered" if is_covered else "window"


def is_borne(text: str, *, is_limit: bool) -> bool:
    """Return whether a value asked for is one that a product must bear: what surrounds it, and what feeds it if no limit."""
    return _holds(text, "spans", "ambient") or (not is_limit and _holds(text, "spans", "feeding"))


def is_covered(text: str) -> bool:
    """Return whether a span of this indicator is one that a product must cover."""
    return span_of(text) == "covered"


def is_deviation(text: str) -> bool:
    """Return whether ± of this indicator bounds a deviation."""
    return _holds(text, "spans", "deviations")


def is_better(text: str, *, certainly: bool = False) -> Literal["less", "more"] | None:
    """Tell in which direction an indicator is better, None where that is not clear; `certainly` asks for no doubt."""
    kind = "certainly_" if certainly else ""
    less, more = (_holds(text, "directions", f"{kind}{each}") for each in ("less", "more"))
    return None if less == more else "less" if less else "more"


def is_level(text: str) -> bool:
    """Return whether this is a level told by a small number, so that 分辨力高于0.3mm may ask for less than 0.3."""
    return _holds(text, "directions", "levels")


def is_small(text: str) -> bool:
    """Return whether less of this is or may be better, so that 达到 does not tell a least value."""
    return is_better(text) == "less" or is_level(text) or _holds(text, "directions", "small")


def grade_of(text: str) -> Literal["plain", "inverse"] | None:
    """Tell whether the higher or the lower number is the higher grade, None where that is not clear."""
    for kind in ("inverse", "plain"):
        if _holds(text, "directions", f"{kind}_grades"):
            return kind
    return None
