"""The one analysis of texts and queries; its version is kept in the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

from search.analysis.folding import canonical, fold, origins, table_digest
from search.analysis.names import compact, heads, sound_terms, spoken, unit_sounds
from search.analysis.pinyin import sounds, table_name
from search.analysis.tokens import TERM_CHARACTERS, query_runs, text_tokens
from search.analysis.words import tagged

RULES = 5  # raise with every change that makes other terms of the same text

__all__ = [
    "canonical",
    "compact",
    "fold",
    "heads",
    "number_forms",
    "origins",
    "query_terms",
    "sound_terms",
    "spans",
    "spoken",
    "terms",
    "unit_sounds",
    "version_name",
    "warm_up",
]

_BEFORE_DIGITS = re.compile(r"^\D+")


@cache
def version_name() -> str:
    """Name all that decides which terms a text has; an index of another version is rebuilt."""
    return f"{RULES}-{table_digest()}-{table_name()}-{version('rjieba')}"


def warm_up() -> None:
    """Load dictionaries now, that no request has to wait for them."""
    tagged("预备瑷璗")  # what no dictionary holds needs the other half of its data
    sounds("预备")


def terms(text: str) -> list[str]:
    """Return every term of a text, repeated as often as it stands there."""
    return [term for term, _, _ in text_tokens(fold(text))]


def spans(canonical_text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the terms of a canonical text with their places in it."""
    folded = fold(canonical_text)
    offsets = origins(canonical_text)
    for term, start, end in text_tokens(folded):
        yield term, offsets[start], offsets[end - 1] + 1


def query_terms(text: str) -> tuple[str, ...]:
    """Return the distinct terms that a hit must hold, in the order of the query."""
    return tuple(dict.fromkeys(term for _, required in query_runs(fold(text)) for term in required))


def number_forms(number: str) -> set[str]:
    """Return a number without its signs, and the same from its first digit on."""
    whole = compact(fold(number))[:TERM_CHARACTERS]
    return {form for form in (whole, _BEFORE_DIGITS.sub("", whole)) if form}
