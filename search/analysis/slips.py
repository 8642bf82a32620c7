"""Latin words that one slip of the keyboard makes of one another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[a-z]{4,}")


class Neighbourhood:
    """Known words by what is left of each without any one of its letters."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: dict[str, set[str]] = {}
        for word in {word for text in texts for word in _WORD.findall(text)}:
            for key in near_keys(word):
                self._words.setdefault(key, set()).add(word)

    def near(self, word: str) -> set[str]:
        """Return the known words that are one slip away."""
        found = {each for key in near_keys(word) for each in self._words.get(key, ())}
        return {each for each in found if is_near(word, each)}


def near_keys(word: str) -> Iterator[str]:
    """Yield the word and what is left of it without each one of its letters."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def is_near(first: str, second: str) -> bool:
    """Tell whether one letter wrong, missing, further or swapped makes one word of the other."""
    if abs(len(first) - len(second)) > 1:
        return False
    if len(first) == len(second):
        wrong = [place for place in range(len(first)) if first[place] != second[place]]
        if len(wrong) == 2:
            a, b = wrong
            return b == a + 1 and first[a] == second[b] and first[b] == second[a]
        return len(wrong) <= 1
    longer, shorter = sorted((first, second), key=len, reverse=True)
    return shorter in near_keys(longer)
