"""What is suggested from: the names, units and categories of products that somebody may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from search.analysis import fold

if TYPE_CHECKING:
    from search.index.snapshot import View


class Texts:
    """Folded texts of a view: names in order of code, with the documents' numbers; units and categories as written."""

    def __init__(self, view: View) -> None:
        snapshot = view.snapshot
        numbers = np.flatnonzero(view.mask)
        self.numbers: list[int] = numbers[np.argsort(snapshot.serials[numbers])].tolist()
        self.names = [snapshot.names[number] for number in self.numbers]
        self.organizations = _folded(snapshot.organizations[number] for number in self.numbers)
        self.categories = _folded(snapshot.categories[number] for number in self.numbers)


def _folded(texts: Iterable[str]) -> dict[str, str]:
    return {fold(text): text for text in dict.fromkeys(texts) if text}
