"""The one analysis of texts and queries; its version is kept in the index."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

from search.analysis.folding import canonical, fold, fold_with_offsets, table_digest
from search.analysis.tokens import query_runs, text_tokens
from search.analysis.words import joined_characters, ranking_words, words

RULES = 1  # raise with every change that makes other terms of the same text

__all__ = [
    "canonical",
    "fold",
    "query_needs",
    "query_terms",
    "ranking_words",
    "spans",
    "terms",
    "version_name",
]


@cache
def version_name() -> str:
    """Name all that decides which terms a text has; an index of another version is rebuilt."""
    return f"{RULES}-{table_digest()}-{version('rjieba')}"


def terms(text: str) -> list[str]:
    """Return every term of a text, repeated as often as it stands there."""
    return [term for term, _, _ in text_tokens(fold(text))]


def spans(canonical_text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the terms of a canonical text with their places in it."""
    folded, offsets = fold_with_offsets(canonical_text)
    for term, start, end in text_tokens(folded):
        yield term, offsets[start], offsets[end - 1] + 1


def query_terms(text: str) -> tuple[str, ...]:
    """Return the distinct terms that a hit must hold, in the order of the query."""
    return tuple(dict.fromkeys(term for _, required in query_runs(fold(text)) for term in required))


def query_needs(text: str) -> tuple[tuple[str, ...], ...]:
    """Divide a query into what it asks for: per word or code the terms that stand for it.

    Words that only join others are left out; what the dictionary does not know stays together.
    """
    needs: dict[tuple[str, ...], None] = {}
    for run, required in query_runs(fold(text)):
        if required == [run] or required[0] != run[:2]:
            needs[tuple(required)] = None  # a code or a lone character
            continue
        for part in joined_characters(words(run)):
            needs.update(dict.fromkeys(tuple(of_part) for _, of_part in query_runs(part)))
    return tuple(needs)
