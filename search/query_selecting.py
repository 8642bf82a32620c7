"""Filter, count, order and page what matched."""

from __future__ import annotations

from collections.abc import Sequence

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
    view: View, matched: Mask, masks: dict[str, Mask], chosen: Request, names: Sequence[str] = FACETS
) -> dict[str, list[tuple[Value, int]]]:
    """Count the values of each facet under all filters but its own, most frequent first, `None` last.

    Chosen values are listed also when nothing is left of them.
    """
    facets = view.snapshot.facets
    everywhere = np.flatnonzero(np.logical_and.reduce([matched, *masks.values()]))
    counted = facets.count(everywhere, names)
    for name in masks.keys() & set(names):
        others = [mask for other, mask in masks.items() if other != name]
        counted |= facets.count(np.flatnonzero(np.logical_and.reduce([matched, *others])), [name])
        left = {value for value, _ in counted[name]}
        counted[name] += [(value, 0) for value in sorted(set(chosen.filters[name]) - left, key=str)]
    for found in counted.values():
        found.sort(key=lambda counted: (counted[0] is None, -counted[1]))
    return counted


def ordered(view: View, selected: Mask, scores: Weights | None, sort: Sort, stop: int) -> Numbers:
    """Return the first `stop` selected documents: by score, newest listing or name, then by code."""
    numbers = np.flatnonzero(selected)
    if sort == "name":
        keys: Weights = view.snapshot.name_rank[numbers].astype(float)
    elif sort == "date":
        keys = -view.snapshot.listed_on[numbers].astype(float)
    elif scores is not None:
        keys = -scores[numbers]
    else:
        keys = np.zeros(len(numbers))
    if len(numbers) > 4 * stop:
        # Everything as good as the last one needed stays, so ties are decided by code alone.
        kept = keys <= np.partition(keys, stop - 1)[stop - 1]
        numbers, keys = numbers[kept], keys[kept]
    return numbers[np.lexsort((view.snapshot.code_rank[numbers], keys))][:stop]
