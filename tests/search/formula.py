"""The formula of the search, applied to one document after the other."""

from __future__ import annotations

import math
import operator

from search import synonyms
from search.analysis import compact, fold
from search.documents import Document
from search.evidence import IN_CATEGORY_GAIN, IN_NAME_GAIN, SATURATION, WAY_GAIN
from search.index.schema import HEAD_FIELD, TEXT_FIELD, field_terms, numbers
from search.index.weights import IN_CATEGORY as CATEGORY
from search.index.weights import IN_NAME, IN_UNIT, WEIGHT_SHIFT, WEIGHT_STEPS
from search.needs import Wording, understand
from search.query_matching import (
    BEST_SHARE,
    ENOUGH,
    FOREIGN_SHARE,
    IN_CATEGORY,
    LONE_COVERAGE,
    LONG_COVERAGE,
    NUMBER_DIGITS,
    NUMBER_LEAST,
    NUMBERED_SCORE,
    OTHER_COVERAGE,
    OUTSIDE_NAME,
    RARE_IDF,
    SHORT,
    SHORT_COVERAGE,
    UNKNOWN_SHARE,
    WHOLE_SHARE,
)


def by_hand(products: list[Document], query: str, scopes: frozenset[str]) -> list[tuple[float, str]]:
    """Score every visible document by the formula, one at a time; best first."""
    asked = understand(query, synonyms.default())
    seen = [Held(product) for product in products if product.scope in scopes]
    number = compact(fold(query))
    beginning = {form for each in seen for form in each.numbers if form.startswith(number)}
    numbered = beginning & {number} or beginning
    is_number = len(number) >= NUMBER_LEAST and sum(map(str.isdigit, number)) >= NUMBER_DIGITS
    frequencies = [
        max(sum(each.strength(way) > 0 for each in seen) for way in need.wordings) for need in asked.needs
    ]
    idfs = [math.log1p((len(seen) - frequency + 0.5) / (frequency + 0.5)) for frequency in frequencies]
    unknown = UNKNOWN_SHARE if asked.is_sentence else 1.0
    weights = [
        need.share * min(idf, RARE_IDF) * (1.0 if frequency else unknown)
        for need, idf, frequency in zip(asked.needs, idfs, frequencies, strict=True)
    ]
    scored = []
    for each in seen:
        parts = [
            max(way.trust * each.strength(way, as_thing=need.is_thing) for way in need.wordings)
            for need in asked.needs
        ]
        met = [max(way.trust * each.place(way) for way in need.wordings) for need in asked.needs]
        score = sum(need.share * idf * part for need, idf, part in zip(asked.needs, idfs, parts, strict=True))
        coverage = sum(map(operator.mul, weights, met)) / sum(weights)
        whole = [way for way in asked.whole if each.strength(way)]
        score = max([score, *(way.trust * sum(weights) * each.strength(way) for way in whole)])
        score += (
            WHOLE_SHARE
            * sum(weights)
            * max((way.trust * (1 + each.strength(way)) for way in whole), default=0)
        )
        is_numbered = is_number and not numbered.isdisjoint(each.numbers)
        coverage = max([coverage, *(way.trust for way in whole)])
        scored.append((score + NUMBERED_SCORE * is_numbered, coverage, bool(whole) or is_numbered, each))
    strict = [entry for entry in scored if entry[2]]
    of_a_unit = any(entry[3].is_unit(way) for entry in strict for way in asked.whole)
    if len(strict) >= ENOUGH or of_a_unit or (is_number and numbered):
        hits = [(score, each.code) for score, _, _, each in strict]
    else:
        is_description = asked.is_sentence or len(asked.needs) > SHORT
        lacks = any(
            not each and need.share > FOREIGN_SHARE
            for each, need in zip(frequencies, asked.needs, strict=True)
        )
        if is_description:
            least = LONG_COVERAGE
        elif len(asked.needs) == 1 and not strict:
            least = OTHER_COVERAGE
        else:
            least = SHORT_COVERAGE if strict or asked.is_list else LONE_COVERAGE
        least = max(least, BEST_SHARE * max(coverage for _, coverage, _, _ in scored))
        is_loose = not asked.is_service and (is_description or asked.is_list or not lacks)
        hits = [
            (score * (1 if is_strict else coverage), each.code)
            for score, coverage, is_strict, each in scored
            if is_strict or (is_loose and coverage >= least)
        ]
    return sorted(((round(score, 4), code) for score, code in hits), key=lambda hit: (-hit[0], hit[1]))


class Held:
    """What one document holds, read straight from the terms that are indexed of it."""

    def __init__(self, product: Document) -> None:
        self.code = product.code
        found = field_terms(product)
        self.numbers = numbers(product)
        self._text, self._head = found[TEXT_FIELD], found[HEAD_FIELD]

    def strength(self, wording: Wording, *, as_thing: bool = True) -> float:
        kept = [self._text.get(term, 0) for term in wording.terms]
        if not all(kept):
            return 0.0
        weight = min(each >> WEIGHT_SHIFT for each in kept) / WEIGHT_STEPS
        ways = self._head.get(wording.text, 0)
        gains = sum(gain for way, gain in WAY_GAIN.items() if ways & way and as_thing)
        return (
            weight / (SATURATION + weight)
            + IN_NAME_GAIN * self._is_in(wording, IN_NAME)
            + IN_CATEGORY_GAIN * self._is_in(wording, CATEGORY)
            + gains
        )

    def place(self, wording: Wording) -> float:
        if not self.strength(wording):
            return 0.0
        if self._is_in(wording, IN_NAME) or self.is_unit(wording):
            return 1.0
        return IN_CATEGORY if self._is_in(wording, CATEGORY) else OUTSIDE_NAME

    def is_unit(self, wording: Wording) -> bool:
        return self._is_in(wording, IN_UNIT)

    def _is_in(self, wording: Wording, place: int) -> bool:
        return all(self._text.get(term, 0) & place for term in wording.terms)
