"""Filter, count, order and page what matched."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from search.documents import LISTS
from search.index.schema import FLAGS
from search.index.segment import Numbers, Weights
from search.index.snapshot import Mask, View
from search.query import FACETS, Request, Sort, Value


def filter_masks(view: View, request: Request) -> dict[str, Mask]:
    """Return for each filter in use the documents that pass it."""
    return {name: _passing(view, name, values) for name, values in request.filters.items() if values}


def facet_counts(
    view: View, matched: Mask, masks: dict[str, Mask], chosen: Request
) -> dict[str, list[tuple[Value, int]]]:
    """Count the values of each facet under all filters but its own, most frequent first, `None` last.

    Chosen values are listed also when nothing is left of them.
    """
    facets = {}
    everywhere = np.flatnonzero(np.logical_and.reduce([matched, *masks.values()]))
    for name in FACETS:
        others = [mask for other, mask in masks.items() if other != name]
        numbers = np.flatnonzero(np.logical_and.reduce([matched, *others])) if name in masks else everywhere
        counts = dict.fromkeys(chosen.filters.get(name, ()), 0) | _counts(view, name, numbers)
        facets[name] = sorted(counts.items(), key=lambda item: (item[0] is None, -item[1], str(item[0])))
    return facets


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


def _passing(view: View, name: str, values: Iterable[Value]) -> Mask:
    snapshot = view.snapshot
    wanted = set(values)
    if name == "list":
        bits = sum(1 << number for number, code in enumerate(LISTS) if code in wanted)
        listed: Mask = (snapshot.lists & bits) > 0
        return listed | (snapshot.lists == 0) if None in wanted else listed
    if name == "year":
        return np.isin(snapshot.years, [0 if value is None else value for value in wanted])
    if name in snapshot.flags:
        return np.isin(snapshot.flags[name], [number for number, flag in enumerate(FLAGS) if flag in wanted])
    coded = snapshot.coded[name]
    known = {value: number for number, value in enumerate(coded.values)}
    return np.isin(coded.numbers, [known.get(str(value or ""), -1) for value in wanted])


def _counts(view: View, name: str, numbers: Numbers) -> dict[Value, int]:
    snapshot = view.snapshot
    if name == "list":
        bits = snapshot.lists[numbers]
        tallies: dict[Value, int] = {
            code: int(((bits >> number) & 1).sum()) for number, code in enumerate(LISTS)
        }
        tallies[None] = int((bits == 0).sum())
    elif name == "year":
        years, totals = np.unique(snapshot.years[numbers], return_counts=True)
        tallies = {int(year) or None: int(total) for year, total in zip(years, totals, strict=True)}
    elif name in snapshot.flags:
        tallies = dict(
            zip(FLAGS, np.bincount(snapshot.flags[name][numbers], minlength=len(FLAGS)).tolist(), strict=True)
        )
    else:
        coded = snapshot.coded[name]
        totals = np.bincount(coded.numbers[numbers], minlength=len(coded.values))
        tallies = {value or None: int(total) for value, total in zip(coded.values, totals, strict=True)}
    return {value: total for value, total in tallies.items() if total}
