"""Decide which documents match a query, and how well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from search.analysis import compact, fold, query_terms
from search.correcting import correct
from search.evidence import evidence
from search.index.segment import Numbers, Weights
from search.index.snapshot import Mask, View
from search.needs import GENERIC_SHARE, Understood, understand
from search.synonyms import Synonyms

ENOUGH = 10  # a query that all words of find fewer is also read loosely; beside as many nothing comes near
SHORT = 3  # needs; a longer query is a description, of which hardly anything meets all
LONE_COVERAGE = 0.55  # of the weight of all that was asked for, when nothing meets the whole of it
SHORT_COVERAGE = 0.45  # the same when something does
OTHER_COVERAGE = 0.55  # the same of one word, met by other words
LONG_COVERAGE = 0.25  # the same of a description
BEST_SHARE = 0.5  # of the best coverage; what meets less is noise beside it
NEAR_COVERAGE = 0.3  # from here on a product comes near, if its name or category tells of it
OUTSIDE_NAME = 0.7  # of a need that is met in a description only
IN_CATEGORY = 0.9  # of a need that the category meets
WHOLE_SHARE = 0.5  # what meets the query as a whole gains this part of its weight once more
RARE_IDF = 7.0  # beyond this a word is not more needed, only rarer
UNKNOWN_SHARE = 0.3  # of a word that nothing holds, in a description: it is one of many ways to say it
FOREIGN_SHARE = 0.5  # a weightier word that nothing holds tells that a short query asks for what is not here
ALONE_SHARE = 0.3  # of a description's thing where nothing of what describes it is met
NUMBERED_SCORE = 1000.0  # lifts what bears the number asked for above everything else
NUMBER_LEAST = 6  # characters of a number
NUMBER_DIGITS = 4


@dataclass(frozen=True)
class Match:
    """The documents that match, all scores, and those that come near without matching.

    `exact` are those that meet the whole of it. `wordings` are what was looked for, `others` those among them that mean
    the whole of it too; `corrected` is what was meant by what was typed.
    """

    mask: Mask
    scores: Weights | None
    strictness: Literal["all", "most"]
    near: Mask
    exact: Mask
    wordings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    corrected: str | None = None


@dataclass(frozen=True)
class _Weighing:
    """Each document's score and which part of the request it meets, by name or category too; the weight of all of it."""

    scores: Weights
    coverage: Weights
    is_named: Mask
    weight: float
    has_foreign: bool


def match(view: View, text: str, synonyms: Synonyms) -> Match:
    """Match a query; without one everything matches, and signs alone match nothing."""
    nothing = np.zeros(view.snapshot.size, bool)
    if not text.strip():
        return Match(view.mask, None, "all", nothing, view.mask)
    if not query_terms(text):
        return Match(nothing, None, "all", nothing, nothing)
    asked = understand(text, synonyms)
    numbered = _numbered(view, text)
    meant = None
    if not len(numbered) and not _meets_whole(view, asked).any() and (meant := correct(view, text, synonyms)):
        asked = understand(meant.text, synonyms).also(meant.forms[1:])
    found = _answer(view, asked, numbered)
    return replace(
        found,
        wordings=(*asked.texts, text),
        others=_others(view, asked, meant.text if meant else text),
        corrected=meant.text if meant else None,
    )


def _others(view: View, asked: Understood, text: str) -> tuple[str, ...]:
    """Return by which other words something was found that counts as what was asked for."""
    said = compact(fold(text))
    held = (each for each in asked.whole if each.text != said and len(evidence(view, each).documents))
    return tuple(each.spoken.upper() if each.spoken.isascii() else each.spoken for each in held)


def _answer(view: View, asked: Understood, numbered: Numbers) -> Match:
    weighing = _weigh(view, asked)
    strict = _meets_whole(view, asked)
    strict[numbered] = True
    weighing.scores[numbered] += NUMBERED_SCORE
    nothing = np.zeros_like(strict)
    if strict.sum() >= ENOUGH or len(numbered) or _names_unit(view, asked):
        return Match(strict, weighing.scores, "all", nothing, strict)
    scores = weighing.scores * np.maximum(weighing.coverage, strict)
    loose = _meets_most(asked, weighing, found_any=bool(strict.any())) & ~strict
    found = strict | loose
    near = (
        nothing
        if found.sum() >= ENOUGH
        else weighing.is_named & (weighing.coverage >= NEAR_COVERAGE) & ~found
    )
    return Match(found, scores, "most" if loose.any() else "all", near, strict)


def _meets_whole(view: View, asked: Understood) -> Mask:
    mask = np.zeros(view.snapshot.size, bool)
    for wording in asked.whole:
        mask[evidence(view, wording).documents] = True
    return mask


def _meets_most(asked: Understood, weighing: _Weighing, *, found_any: bool) -> Mask:
    """Return what meets enough of a query that hardly anything meets as a whole.

    A few words that name a thing are taken seriously, each of them; of a description much goes unsaid in a record.
    """
    is_description = asked.is_sentence or len(asked.needs) > SHORT
    if asked.is_service:
        return np.zeros(len(weighing.scores), bool)
    if is_description:
        least = LONG_COVERAGE
    elif weighing.has_foreign and not asked.is_list:
        return np.zeros(len(weighing.scores), bool)
    elif len(asked.needs) == 1 and not found_any:
        least = OTHER_COVERAGE
    else:
        least = SHORT_COVERAGE if found_any or asked.is_list else LONE_COVERAGE
    best = float(weighing.coverage.max(initial=0.0))
    enough: Mask = weighing.coverage >= max(least, BEST_SHARE * best)
    return enough


def _names_unit(view: View, asked: Understood) -> bool:
    """Tell whether the query names a unit: then its products are meant, and nothing else."""
    return any(evidence(view, wording).in_unit.any() for wording in asked.whole)


def _weigh(view: View, asked: Understood) -> _Weighing:
    size = view.snapshot.size
    scores, met, total, has_foreign = np.zeros(size), np.zeros(size), 0.0, False
    is_named, is_described = np.zeros(size, bool), np.zeros(size, bool)
    for need in asked.needs:
        best, place, frequency = np.zeros(size), np.zeros(size), 0
        for wording in need.wordings:
            found = evidence(view, wording)
            at = found.documents
            strength = found.as_thing if need.is_thing else found.strength
            best[at] = np.maximum(best[at], wording.trust * strength)
            share = np.where(
                found.in_name | found.in_unit, 1.0, np.where(found.in_category, IN_CATEGORY, OUTSIDE_NAME)
            )
            place[at] = np.maximum(place[at], wording.trust * share)
            if need.share > GENERIC_SHARE:
                is_named[at] |= found.in_name | found.in_category
            frequency = max(frequency, len(at))
        idf = float(np.log1p((view.count - frequency + 0.5) / (frequency + 0.5)))
        scores += need.share * idf * best
        known = 1.0 if frequency or not asked.is_sentence else UNKNOWN_SHARE
        weight = need.share * known * min(idf, RARE_IDF)
        if not need.is_thing and need.share > GENERIC_SHARE:
            is_described |= place > 0
        met += weight * place
        total += weight
        has_foreign |= not frequency and need.share > FOREIGN_SHARE
    if asked.is_sentence and is_described.any():
        scores[~is_described] *= ALONE_SHARE
    coverage = met / total if total else met
    whole = np.zeros(size)
    for wording in asked.whole:
        found = evidence(view, wording)
        at = found.documents
        coverage[at] = np.maximum(coverage[at], wording.trust)
        scores[at] = np.maximum(scores[at], wording.trust * total * found.as_thing)
        whole[at] = np.maximum(whole[at], wording.trust * (1 + found.as_thing))
    return _Weighing(scores + WHOLE_SHARE * total * whole, coverage, is_named, total, has_foreign)


def _numbered(view: View, text: str) -> Numbers:
    """Return what bears the number that was typed, or a number that begins so."""
    number = compact(fold(text))
    if sum(map(str.isdigit, number)) < NUMBER_DIGITS or len(number) < NUMBER_LEAST:
        return np.zeros(0, np.int64)
    found = view.numbered(number, is_whole=True)
    return found if len(found) else view.numbered(number, is_whole=False)
