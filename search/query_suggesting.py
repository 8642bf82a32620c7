"""Suggest products, units and categories while somebody types."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import numpy as np

from search.analysis import fold
from search.correcting import correct
from search.index.snapshot import View
from search.query import Suggestion
from search.synonyms import Synonyms

OTHER_SHARE = 3  # units and categories together take at most one in three places each


class Suggester:
    """Find texts within a view that begin with or hold what was typed."""

    def __init__(self, view: View) -> None:
        snapshot = view.snapshot
        self._view = view
        numbers = np.flatnonzero(view.mask)
        self._numbers = numbers[np.argsort(snapshot.code_rank[numbers])].tolist()
        self._names = [snapshot.names[number] for number in self._numbers]
        self._organizations = _folded(snapshot.organizations[number] for number in self._numbers)
        self._categories = _folded(snapshot.categories[number] for number in self._numbers)

    def suggest(self, text: str, limit: int, known: Synonyms) -> list[Suggestion]:
        """Return at most `limit` suggestions: products first, then units, then categories.

        What nothing holds may be pinyin, first letters or a slip; then what was meant is suggested for.
        """
        typed = fold(text).strip()
        if not typed:
            return []
        if found := self._holding(typed, limit):
            return found
        meant = correct(self._view, typed, known)
        forms = (meant.forms or (meant.text,)) if meant else ()
        per_form = [self._holding(form, limit) for form in forms]
        in_turn = [each for row in zip_longest(*per_form) for each in row if each]
        return list(dict.fromkeys(in_turn))[:limit]

    def _holding(self, typed: str, limit: int) -> list[Suggestion]:
        share = max(1, limit // OTHER_SHARE)
        others = [Suggestion(unit, "organization", None) for unit in _best(self._organizations, typed, share)]
        others += [
            Suggestion(category, "category", None) for category in _best(self._categories, typed, share)
        ]
        others = others[: max(0, limit - 1)]
        return (self._products(typed, limit - len(others)) + others)[:limit]

    def _products(self, typed: str, limit: int) -> list[Suggestion]:
        holding = [index for index, name in enumerate(self._names) if typed in name]
        holding.sort(key=lambda index: _closeness(self._names[index], typed))
        found: dict[str, Suggestion] = {}
        for index in holding:
            if len(found) == limit:
                break
            if self._names[index] not in found:
                document = self._view.snapshot.document(self._numbers[index])
                found[self._names[index]] = Suggestion(document.name, "product", document.code)
        return list(found.values())


def _folded(texts: Iterable[str]) -> dict[str, str]:
    return {fold(text): text for text in dict.fromkeys(texts) if text}


def _best(texts: dict[str, str], typed: str, limit: int) -> list[str]:
    holding = sorted(
        (folded for folded in texts if typed in folded),
        key=lambda folded: (*_closeness(folded, typed), folded),
    )
    return [texts[folded] for folded in holding[:limit]]


def _closeness(folded: str, typed: str) -> tuple[bool, int]:
    return not folded.startswith(typed), len(folded)
