"""Expressions that mean the same to a buyer: the shipped table, with what staff added or took out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from search.analysis import compact, fold, sound_terms
from search.analysis.words import words

SAME_TRUST = 0.9
TRUST_STEP = 0.05  # of each further expression of a one-way group, which stand nearest first
TRUST_LEAST = 0.6
BACK_SHARE = 0.65  # of that trust, from one of the others back to the first
LONE_KEY = 3  # characters from which on an expression is taken wherever it stands

_BLANK_OF_SCRIPTS = re.compile(
    r"(?<=[a-z0-9]) (?=[^\x00-\x7f])|(?<=[^\x00-\x7f]) (?=[a-z0-9])"
)  # "ct 扫描", "x 光"

_HYPHEN = re.compile(r"(?<=[a-z0-9])[-/](?=[a-z0-9])")  # PET-CT and PET/CT are kept as petct

Others = tuple[tuple[str, float], ...]  # expressions that mean the same, each with how far it is trusted


@dataclass(frozen=True, slots=True)
class Group:
    """Expressions of one meaning; or with `one_way` a first one that is also answered by the others."""

    expressions: tuple[str, ...]
    one_way: bool = False


class Synonyms:
    """Find known expressions in a query."""

    def __init__(self, groups: Iterable[Group]) -> None:
        """Take the groups; of two that know the same pair the more trusted holds."""
        others: dict[str, dict[str, float]] = {}

        def add(expression: str, other: str, trust: float) -> None:
            held = others.setdefault(compact(expression), {})
            if compact(expression) != compact(other):
                held[other] = max(trust, held.get(other, 0.0))

        for group in groups:
            first, *rest = expressions = [fold(expression) for expression in group.expressions]
            if group.one_way:
                for place, other in enumerate(rest):
                    trust = max(TRUST_LEAST, SAME_TRUST - TRUST_STEP * place)
                    add(first, other, trust)
                    if " " not in other:
                        add(other, first, BACK_SHARE * trust)
            else:
                for expression in expressions:
                    for other in expressions:
                        add(expression, other, SAME_TRUST)
        self._others = {key: tuple(held.items()) for key, held in others.items() if held}
        # Made now and not when somebody first types pinyin: it takes as long as ten searches.
        self._sounds = {each: expression for expression in self._others for each in sound_terms(expression)}
        self._lengths = sorted({len(key) for key in self._others}, reverse=True)

    def of(self, expression: str) -> Others:
        """Return what else an expression goes by."""
        return self._others.get(expression, ())

    def sounding(self, sound: str) -> str | None:
        """Return an expression that sounds so, or whose first letters are these, marked as such."""
        return self._sounds.get(sound)

    def divided(self, folded: str) -> Iterator[tuple[str, Others]]:
        """Yield the text piece by piece: known expressions with their others, and what lies between them."""
        borders = _borders(folded)
        start = position = 0
        while position < len(folded):
            end = self._end(folded, position, borders)
            if not end:
                position += 1
                continue
            if start < position:
                yield folded[start:position], ()
            yield folded[position:end], self._others[compact(folded[position:end])]
            start = position = end
        if start < len(folded):
            yield folded[start:], ()

    def _end(self, folded: str, start: int, borders: frozenset[int]) -> int:
        """Return where the longest known expression that begins here ends, 0 for none."""
        if not folded[start].isalnum() or _is_inside_code(folded, start):
            return 0
        for length in self._lengths:
            for end in (start + length, start + length + 1):
                if end > len(folded):
                    continue
                piece = folded[start:end]
                if not piece.isalnum():
                    piece = _HYPHEN.sub("", _BLANK_OF_SCRIPTS.sub("", piece))
                if len(piece) != length or piece not in self._others or _is_inside_code(folded, end):
                    continue
                if length >= LONE_KEY or (start in borders and end in borders):
                    return end
        return 0


def _borders(folded: str) -> frozenset[int]:
    found, position = {0}, 0
    for word in words(folded):
        position += len(word)
        found.add(position)
    return frozenset(found)


def _is_inside_code(folded: str, place: int) -> bool:
    """Tell whether a place lies between two Latin letters or digits."""
    around = folded[max(0, place - 1) : place + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


@cache
def shipped() -> tuple[Group, ...]:
    """Return the groups that come with the program."""
    groups = []
    for line in files("search").joinpath("data/synonyms.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            _, kind, expressions = line.split("\t")
            groups.append(Group(tuple(expressions.split("|")), one_way=kind == ">"))
    return tuple(groups)


@cache
def default() -> Synonyms:
    """Return the shipped groups, ready to be asked."""
    return Synonyms(shipped())
