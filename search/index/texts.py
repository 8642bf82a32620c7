"""What is suggested from: the names, units and categories of products that somebody may see."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from search.analysis import fold

if TYPE_CHECKING:
    from search.index.snapshot import View

T = TypeVar("T")


class Lines(Generic[T]):
    """Folded texts in one string, the shortest first, with what each stands for."""

    def __init__(self, held: Mapping[str, T]) -> None:
        """Take texts; of equally long ones the earlier stays first."""
        texts = sorted(held, key=len)
        self._held = [held[text] for text in texts]
        self._joined = "\n" + "\n".join(text.replace("\n", " ") for text in texts)
        self._starts = array("q", [1])
        self._starts.extend((np.cumsum([len(text) + 1 for text in texts], dtype=np.int64) + 1).tolist())

    def holding(self, typed: str) -> Iterator[T]:
        """Yield what stands for the texts that begin with what was typed, then for those that hold it further on."""
        place = self._joined.find(f"\n{typed}")
        while place >= 0:
            yield self._held[bisect_right(self._starts, place + 1) - 1]
            place = self._joined.find(f"\n{typed}", place + 1)
        place = self._joined.find(typed)
        while place >= 0:
            line = bisect_right(self._starts, place) - 1
            if place != self._starts[line]:
                yield self._held[line]
            place = self._joined.find(typed, self._starts[line + 1])


class Texts:
    """Texts of a view: names with the document first in order of code, units and categories as written."""

    def __init__(self, view: View) -> None:
        snapshot = view.snapshot
        numbers = np.flatnonzero(view.mask)
        by_code = numbers[np.argsort(snapshot.serials[numbers])].tolist()
        first: dict[str, int] = {}
        for number in by_code:
            first.setdefault(snapshot.names[number], number)
        self.names = Lines(first)
        self.organizations = Lines(_folded({snapshot.organizations[number] for number in by_code}))
        self.categories = Lines(_folded({snapshot.categories[number] for number in by_code}))


def _folded(texts: set[str]) -> dict[str, str]:
    return dict(sorted((fold(text), text) for text in texts if text))
