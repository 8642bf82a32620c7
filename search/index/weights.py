"""The weight of each term in a product, computed once: it depends on no query and on no other product."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.analysis import terms
from search.documents import Document

WEIGHTS = {
    "name": 4.0,
    "model": 4.0,
    "brand": 2.0,
    "organization": 2.0,
    "other_names": 2.0,
    "category": 1.5,
    "registration_number": 2.0,
    "summary": 1.0,
}
# The terms that such a field usually has: means over 32,250 real records. True means would change with every product,
# and with them all weights, and would tell of products that an asker may not see.
USUAL_LENGTH = {
    "name": 12.5,
    "model": 5.0,
    "brand": 5.0,
    "organization": 25.0,
    "other_names": 25.0,
    "category": 14.0,
    "registration_number": 5.5,
    "summary": 100.0,
}
LENGTH_SHARE = 0.75  # the b of BM25F

IN_NAME = 1  # bits of the number kept beside a term
IN_UNIT = 2
IN_CATEGORY = 4
PLACES = {"name": IN_NAME, "organization": IN_UNIT, "other_names": IN_UNIT, "category": IN_CATEGORY}
WEIGHT_SHIFT = 3
WEIGHT_STEPS = 64  # of 1
WEIGHT_MOST = (1 << 13) - 1


class Weighed(NamedTuple):
    """The documents that hold something, ascending, with its weight in each and where it stands."""

    documents: NDArray[np.int64]
    weights: NDArray[np.float64]
    in_name: NDArray[np.bool_]
    in_unit: NDArray[np.bool_]
    in_category: NDArray[np.bool_]


def text_terms(document: Document) -> dict[str, int]:
    """Return BM25F's combined frequency of each term of a product, and where it stands, in one number each."""
    weights: dict[str, float] = {}
    places: dict[str, int] = {}
    for field, weight in WEIGHTS.items():
        if not (value := getattr(document, field)):
            continue
        found = Counter(terms(value))
        each = weight / (1 - LENGTH_SHARE + LENGTH_SHARE * found.total() / USUAL_LENGTH[field])
        place = PLACES.get(field, 0)
        for term, frequency in found.items():
            weights[term] = weights.get(term, 0.0) + each * frequency
            if place:
                places[term] = places.get(term, 0) | place
    steps = np.rint(np.fromiter(weights.values(), np.float64, len(weights)) * WEIGHT_STEPS).astype(np.int64)
    packed = dict(zip(weights, (steps.clip(1, WEIGHT_MOST) << WEIGHT_SHIFT).tolist(), strict=True))
    for term, place in places.items():
        packed[term] |= place
    return packed


def unpacked(documents: NDArray[np.int64], packed: NDArray[np.int64]) -> Weighed:
    """Read the numbers that `text_terms` made."""
    return Weighed(
        documents,
        (packed >> WEIGHT_SHIFT) / WEIGHT_STEPS,
        (packed & IN_NAME) > 0,
        (packed & IN_UNIT) > 0,
        (packed & IN_CATEGORY) > 0,
    )
