"""What every document is counted and filtered by, numbered in one row so that one pass counts all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.query import FACETS, Value

ABSENT = ""  # the value of a document that says nothing in this column; no facet has it


class Coded(NamedTuple):
    """A column as numbers of its distinct values."""

    numbers: NDArray[np.unsignedinteger[Any]]
    values: Sequence[Value]


class Facets:
    """The facet values of all documents, as cells that are numbered through all facets.

    A facet of which a document may have several values takes several columns. Cell 0 stands for `ABSENT`.
    """

    def __init__(self, parts: Sequence[Mapping[str, Sequence[Coded]]]) -> None:
        """Join the columns of several segments; each has the same number of columns for each facet."""
        size = sum(len(part[FACETS[0]][0].numbers) for part in parts)
        self._values: dict[str, list[Value]] = {}
        self._cell_of: dict[str, dict[Value, int]] = {}
        self._columns: dict[str, slice] = {}
        self._total = 1
        columns: list[NDArray[np.int32]] = []
        for name in FACETS:
            held = {value for part in parts for column in part[name] for value in column.values} - {ABSENT}
            self._values[name] = sorted(held, key=lambda value: (value is None, str(value)))
            cells = dict(zip(self._values[name], range(self._total, self._total + len(held)), strict=True))
            self._cell_of[name] = cells
            self._total += len(held)
            joined = [
                _joined([part[name][number] for part in parts], cells)
                for number in range(len(parts[0][name]) if parts else 1)
            ]
            self._columns[name] = slice(len(columns), len(columns) + len(joined))
            columns += joined
        self._cells = np.stack(columns, axis=1) if size else np.zeros((0, len(columns)), np.int32)

    def passing(self, name: str, wanted: Iterable[Value]) -> NDArray[np.bool_]:
        """Return which documents have one of the values."""
        is_wanted = np.zeros(self._total, bool)
        is_wanted[[self._cell_of[name][value] for value in wanted if value in self._cell_of[name]]] = True
        passing: NDArray[np.bool_] = np.any(is_wanted[self._cells[:, self._columns[name]]], axis=1)
        return passing

    def count(self, documents: NDArray[np.int64], names: Iterable[str]) -> dict[str, list[tuple[Value, int]]]:
        """Count the values of these facets among some documents: ascending, `None` last, none that nobody has."""
        cells = self._cells.take(documents, axis=0).ravel()
        counts = np.bincount(cells, minlength=self._total).tolist()
        counted = {}
        for name in names:
            values = self._values[name]
            first = self._cell_of[name][values[0]] if values else 0
            counted[name] = [pair for pair in zip(values, counts[first:], strict=False) if pair[1]]
        return counted


def _joined(columns: Sequence[Coded], cells: Mapping[Value, int]) -> NDArray[np.int32]:
    parts = [
        np.array([cells.get(value, 0) for value in column.values], np.int32)[column.numbers]
        for column in columns
    ]
    return np.concatenate([np.zeros(0, np.int32), *parts])
