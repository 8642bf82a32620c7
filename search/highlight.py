"""Mark in an item's texts what the query found there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from search.analysis import canonical, compact, fold, origins
from search.analysis.tokens import JOINT
from search.analysis.words import is_han
from search.documents import Document

HIGHLIGHTED = ("name", "model", "organization", "category", "registration_number", "summary")
WINDOW = 120  # characters of a long text that are shown around the marks
MAX_CHARACTERS = 20_000  # beyond this a text is not searched for marks

Span = tuple[int, int]


class Marker:
    """Mark what was asked for, in any of its wordings."""

    def __init__(self, wordings: Iterable[str]) -> None:
        runs = {run for wording in wordings for run in fold(wording).split() if compact(run)}
        self._words = [run for run in runs if is_han(run) and "套" not in run]
        self._patterns = [re.compile(_pattern(run)) for run in runs.difference(self._words)]

    def highlights(self, document: Document) -> dict[str, str]:
        """Return the fields that hold what was asked for as safe HTML with `<mark>`."""
        found = {}
        for name in HIGHLIGHTED:
            value = getattr(document, name)
            if value and (marks := self._marks(text := canonical(value)[:MAX_CHARACTERS])):
                found[name] = marked(text, marks)
        return found

    def _marks(self, text: str) -> list[Span]:
        folded = fold(text)
        places = [match.span() for pattern in self._patterns for match in pattern.finditer(folded)]
        for word in self._words:
            start = folded.find(word)
            while start >= 0:
                places.append((start, start + len(word)))
                start = folded.find(word, start + len(word))
        if not places:  # as in most texts
            return []
        offsets = origins(text)
        return merged((offsets[start], offsets[end - 1] + 1) for start, end in places)


def _pattern(run: str) -> str:
    """Return how a run may stand in a folded text: a code with any joints, 首台套 with brackets."""
    if is_han(run):
        return re.escape(run).replace("套", r"\s?\(?\s?套(?:\s?\))?")
    joint = f"[{re.escape(JOINT)} ]?"
    code = joint.join(map(re.escape, re.findall(r"\d+|[^\W\d_]+", run)))
    return rf"(?<![^\W_]){code}(?![^\W_])" if code.isalpha() and code.isascii() else code


def merged(found: Iterable[Span]) -> list[Span]:
    """Join places that overlap or touch."""
    result: list[Span] = []
    for start, end in sorted(found):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def marked(text: str, marks: list[Span]) -> str:
    """Escape a text and mark the places; of a long one show the window that holds most of them."""
    start, end = _window(len(text), marks)
    parts = ["…" if start else ""]
    position = start
    for first, last in marks:
        if first >= start and last <= end:
            parts += [escape(text[position:first]), "<mark>", escape(text[first:last]), "</mark>"]
            position = last
    parts += [escape(text[position:end]), "…" if end < len(text) else ""]
    return "".join(parts)


def _window(length: int, marks: list[Span]) -> Span:
    if length <= WINDOW:
        return 0, length

    def weight(start: int) -> int:
        return sum(last - first for first, last in marks if first >= start and last <= start + WINDOW)

    best = max((first for first, _ in marks), key=lambda first: (weight(first), -first))
    longest = max((last - first for first, last in marks if first == best), default=0)
    start = max(0, min(best - WINDOW // 6, length - WINDOW))
    return start, min(length, max(start + WINDOW, best + longest))
