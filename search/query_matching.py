"""Decide which documents match a query, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from search.analysis import fold, query_needs, query_terms, ranking_words
from search.index.segment import Numbers, Weights
from search.index.snapshot import Mask, View, Weighed

SATURATION = 1.2  # the k1 of BM25
WORD_SHARE = 0.5  # a dictionary word adds this part of its weight to its character pairs
MOST_SHARE = 0.5  # of the weight of all that was asked for, when not everything is found
LONG_NEEDS = 4  # a request of so many words is read as a description
FEW_HITS = 3  # a description that finds fewer is also read loosely


@dataclass(frozen=True)
class Match:
    """The documents that match, all scores, and those that come near without matching."""

    mask: Mask
    scores: Weights | None
    strictness: Literal["all", "most"]
    near: Mask


def match(view: View, text: str) -> Match:
    """Match a query; without one everything matches, and signs alone match nothing."""
    nothing = np.zeros(view.snapshot.size, bool)
    if not text.strip():
        return Match(view.mask, None, "all", nothing)
    terms = query_terms(text)
    if not terms:
        return Match(nothing, None, "all", nothing)

    found = [view.term(term) for term in terms]
    counts = np.zeros(view.snapshot.size, np.int32)
    for each in found:
        counts[each.documents] += 1
    all_terms = counts == len(terms)
    hits = int(all_terms.sum())

    needs = query_needs(text)
    loose = np.zeros(0)
    most = nothing
    if hits < FEW_HITS:
        loose = _coverage(view, needs)
        most = (loose >= MOST_SHARE) & (counts > 0)
    scores = _scores(view, found) + WORD_SHARE * _scores(
        view, [view.term(word, word=True) for word in dict.fromkeys(ranking_words(fold(text)))]
    )
    if hits == 0 or (hits < FEW_HITS and len(needs) >= LONG_NEEDS):
        if not most.any():
            return Match(all_terms, scores, "all", nothing)
        return Match(most | all_terms, scores * np.maximum(loose, all_terms), "most", nothing)
    return Match(all_terms, scores, "all", most & ~all_terms)


def _idf(view: View, frequency: int) -> float:
    return float(np.log1p((view.count - frequency + 0.5) / (frequency + 0.5)))


def _scores(view: View, terms: list[Weighed]) -> Weights:
    scores = np.zeros(view.snapshot.size)
    for term in terms:
        weights = term.weights
        idf = _idf(view, len(term.documents))
        scores[term.documents] += idf * weights * (SATURATION + 1) / (SATURATION + weights)
    return scores


def _coverage(view: View, needs: tuple[tuple[str, ...], ...]) -> Weights:
    """Return which part of the request, by weight, each document meets; a word nobody has weighs most."""
    met = np.zeros(view.snapshot.size)
    asked = 0.0
    for need in needs:
        documents = _holding_all(view, need)
        weight = _idf(view, len(documents))
        met[documents] += weight
        asked += weight
    return met / asked if asked else met


def _holding_all(view: View, terms: tuple[str, ...]) -> Numbers:
    found = sorted((view.term(term).documents for term in terms), key=len)
    common = found[0]
    for each in found[1:]:
        common = np.intersect1d(common, each, assume_unique=True)
    return common
