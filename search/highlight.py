"""Mark in an item's texts what the query found there."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from search.analysis import canonical, fold, query_terms, spans
from search.documents import Document

HIGHLIGHTED = ("name", "model", "organization", "category", "registration_number", "summary")
WINDOW = 120  # characters of a long text that are shown around the marks
MAX_CHARACTERS = 20_000  # beyond this a text is not searched for marks

Span = tuple[int, int]


def highlights(document: Document, query: str) -> dict[str, str]:
    """Return the fields that hold terms of the query as safe HTML with `<mark>`."""
    wanted = frozenset(query_terms(query))
    found = {}
    for name in HIGHLIGHTED:
        text = canonical(getattr(document, name) or "")[:MAX_CHARACTERS]
        if not _may_hold(fold(text), wanted):
            continue
        if marks := merged((start, end) for term, start, end in spans(text) if term in wanted):
            found[name] = marked(text, marks)
    return found


def _may_hold(folded: str, wanted: frozenset[str]) -> bool:
    """Tell cheaply whether to look closer: a term, joined or not, is made of characters of the text."""
    return any(all(character in folded for character in term) for term in wanted)


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
