"""Suggest products, units and categories while somebody types."""

from __future__ import annotations

from itertools import islice, zip_longest

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
    texts, share = view.texts, max(1, limit // OTHER_SHARE)
    others = [
        Suggestion(unit, "organization", None) for unit in islice(texts.organizations.holding(typed), share)
    ]
    others += [Suggestion(each, "category", None) for each in islice(texts.categories.holding(typed), share)]
    others = others[: max(0, limit - 1)]
    numbers = islice(texts.names.holding(typed), limit - len(others))
    named = (view.snapshot.document(number) for number in numbers)
    return [*(Suggestion(document.name, "product", document.code) for document in named), *others][:limit]
