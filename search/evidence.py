"""How strongly each product answers to one wording of a need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from search.analysis.names import AT_END, BARE, PURPOSE, WHOLE
from search.index.segment import Numbers, Weights
from search.index.snapshot import Mask, View
from search.needs import Wording

SATURATION = 1.2  # the k1 of BM25
IN_NAME_GAIN = 0.6  # what each place adds to the saturated weight, which stays under 1
IN_CATEGORY_GAIN = 0.3
WAY_GAIN = {AT_END: 0.6, BARE: 0.4, WHOLE: 0.5, PURPOSE: -0.3}
_GAINS = np.array([sum(gain for way, gain in WAY_GAIN.items() if ways & way) for ways in range(16)])


class Evidence(NamedTuple):
    """The documents that hold all terms of a wording, how strongly, and where.

    `gains` come on top where the wording names the thing itself: a name that ends in it names that thing, one that
    merely holds it may name a part of it.
    """

    documents: Numbers
    strength: Weights
    in_name: Mask
    in_unit: Mask
    in_category: Mask
    gains: Weights

    @property
    def as_thing(self) -> Weights:
        """Return the strength of a wording that names the thing itself."""
        return self.strength + self.gains


def evidence(view: View, wording: Wording) -> Evidence:
    """Return what speaks for each document that holds all terms of a wording."""
    return view.kept(wording.key, lambda: _gather(view, wording))


def _gather(view: View, wording: Wording) -> Evidence:
    first, *others = sorted((view.term(term) for term in wording.terms), key=lambda each: len(each.documents))
    documents, weights, in_name, in_unit, in_category = first
    for other in others:
        places = np.minimum(np.searchsorted(other.documents, documents), max(0, len(other.documents) - 1))
        both = (
            other.documents[places] == documents if len(other.documents) else np.zeros(len(documents), bool)
        )
        documents, places = documents[both], places[both]
        weights = np.minimum(weights[both], other.weights[places])
        in_name = in_name[both] & other.in_name[places]
        in_unit = in_unit[both] & other.in_unit[places]
        in_category = in_category[both] & other.in_category[places]
    strength = weights / (SATURATION + weights) + IN_NAME_GAIN * in_name + IN_CATEGORY_GAIN * in_category
    gains = np.zeros(len(documents))
    if len(documents):
        ending, ways = view.ways(wording.text)
        places = np.searchsorted(documents, ending)
        held = documents[np.minimum(places, len(documents) - 1)] == ending
        gains[places[held]] = _GAINS[ways[held]]
    return Evidence(documents, strength, in_name, in_unit, in_category, gains)
