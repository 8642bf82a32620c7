"""Filter, count, order and page what matched."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from search.index.segment import Numbers, Weights
from search.index.snapshot import Mask, View
from search.query import FACETS, Request, Sort, Value


def filter_masks(view: View, request: Request) -> dict[str, Mask]:
    """Return for each filter in use the documents that pass it."""
    return {
        name: view.snapshot.facets.passing(name, values) for name, values in request.filters.items() if values
    }


def facet_counts(
    view: View, matched: Mask, masks: dict[str, Mask], selected: Numbers, chosen: Request
) -> dict[str, list[tuple[Value, int]]]:
    """Count the values of each facet under all filters but its own; `selected` are those that pass them all.

    Chosen values are listed also when nothing is left of them.
    """
    counted = most_frequent(view, selected, FACETS)
    for name in masks:
        others = [mask for other, mask in masks.items() if other != name]
        found = most_frequent(view, np.flatnonzero(np.logical_and.reduce([matched, *others])), [name])[name]
        gone = set(chosen.filters[name]) - {value for value, _ in found}
        counted[name] = sorted(found + [(value, 0) for value in sorted(gone, key=str)], key=_rank)
    return counted


def most_frequent(view: View, documents: Numbers, names: Iterable[str]) -> dict[str, list[tuple[Value, int]]]:
    """Count the values of facets among some documents, most frequent first, `None` last."""
    counted = view.snapshot.facets.count(documents, names)
    for found in counted.values():
        found.sort(key=_rank)
    return counted


def ordered(view: View, documents: Numbers, scores: Weights | None, sort: Sort, stop: int) -> Numbers:
    """Return the first `stop` of some documents: by score, newest listing or name, then by code.

    `scores` has one for each of the documents.
    """
    if sort == "name":
        keys: Weights = view.snapshot.name_rank[documents].astype(float)
    elif sort == "date":
        keys = -view.snapshot.listed_on[documents].astype(float)
    elif scores is not None:
        keys = -scores
    else:
        keys = np.zeros(len(documents))
    if len(documents) > 4 * stop:
        # Everything as good as the last one needed stays, so ties are decided by code alone.
        kept = keys <= np.partition(keys, stop - 1)[stop - 1]
        documents, keys = documents[kept], keys[kept]
    return documents[np.lexsort((view.snapshot.serials[documents], keys))][:stop]


def _rank(counted: tuple[Value, int]) -> tuple[bool, int]:
    value, count = counted
    return value is None, -count
