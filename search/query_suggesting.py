"""Suggest products, units and categories while somebody types."""

from __future__ import annotations

from itertools import zip_longest

from search.analysis import fold
from search.correcting import correct
from search.index.snapshot import View
from search.query import Suggestion
from search.synonyms import Synonyms

OTHER_SHARE = 3  # units and categories together take at most one in three places each


def suggest(view: View, text: str, limit: int, known: Synonyms) -> list[Suggestion]:
    """Return at most `limit` suggestions that begin with or hold what was typed: products, then units, then categories.

    What nothing holds may be pinyin, first letters or a slip; then what was meant is suggested for.
    """
    typed = fold(text).strip()
    if not typed:
        return []
    if found := _holding(view, typed, limit):
        return found
    meant = correct(view, typed, known)
    forms = (meant.forms or (meant.text,)) if meant else ()
    per_form = [_holding(view, form, limit) for form in forms]
    in_turn = [each for row in zip_longest(*per_form) for each in row if each]
    return list(dict.fromkeys(in_turn))[:limit]


def _holding(view: View, typed: str, limit: int) -> list[Suggestion]:
    share = max(1, limit // OTHER_SHARE)
    units, categories = (
        _best(texts, typed, share) for texts in (view.texts.organizations, view.texts.categories)
    )
    others = [Suggestion(unit, "organization", None) for unit in units]
    others += [Suggestion(category, "category", None) for category in categories]
    others = others[: max(0, limit - 1)]
    return (_products(view, typed, limit - len(others)) + others)[:limit]


def _products(view: View, typed: str, limit: int) -> list[Suggestion]:
    names = view.texts.names
    holding = [index for index, name in enumerate(names) if typed in name]
    holding.sort(key=lambda index: _closeness(names[index], typed))
    found: dict[str, Suggestion] = {}
    for index in holding:
        if len(found) == limit:
            break
        if names[index] not in found:
            document = view.snapshot.document(view.texts.numbers[index])
            found[names[index]] = Suggestion(document.name, "product", document.code)
    return list(found.values())


def _best(texts: dict[str, str], typed: str, limit: int) -> list[str]:
    holding = sorted(
        (folded for folded in texts if typed in folded),
        key=lambda folded: (*_closeness(folded, typed), folded),
    )
    return [texts[folded] for folded in holding[:limit]]


def _closeness(folded: str, typed: str) -> tuple[bool, int]:
    return not folded.startswith(typed), len(folded)
