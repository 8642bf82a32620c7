"""Fold spellings of one text together: width, case, traditional characters, dashes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import opencc

# The blocks with characters that have a simplified form: extension A and the unified ideographs.
_HAN_BLOCKS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
_DASHES = frozenset("‐‑‒–—―−﹣－")


@cache
def simplified() -> dict[str, str]:
    """Map each traditional character to its simplified one, character by character.

    Phrases are left aside: a context-dependent form would differ between a query and the text it quotes.
    """
    characters = [chr(point) for block in _HAN_BLOCKS for point in block]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {old: new for old, new in zip(characters, converted, strict=True) if old != new and len(new) == 1}


def table_digest() -> str:
    """Name the present conversion table, which may change with the package that brings it."""
    return sha256("".join(sorted(a + b for a, b in simplified().items())).encode()).hexdigest()[:12]


class _Folding(dict[int, str]):
    """Fold one character at a time, on first sight, for `str.translate`."""

    def __init__(self) -> None:
        self.resized: set[str] = set()  # characters seen so far that do not fold to one character

    def __missing__(self, point: int) -> str:
        folded = self[point] = _fold(chr(point))
        if len(folded) != 1:
            self.resized.add(chr(point))
        return folded


def _fold(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":  # zero-width spaces, soft hyphens and byte order marks stand inside words
        return ""
    if category in ("Cc", "Cs", "Co", "Cn"):  # Cs: lone surrogates cannot be encoded
        return " "
    if character in _DASHES:
        return "-"
    compatible = unicodedata.normalize("NFKC", character).lower()
    return "".join(simplified().get(each, each) for each in compatible)


_FOLDING = _Folding()


def canonical(text: str) -> str:
    """Compose the text, so that folding can go character by character."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return the form in which texts and queries are compared."""
    return canonical(text).translate(_FOLDING)


def origins(text: str) -> Sequence[int]:
    """Tell for each character of a canonical text that was folded, and for its end, where in the text it came from."""
    if _FOLDING.resized.isdisjoint(text):
        return range(len(text) + 1)
    places = [place for place, character in enumerate(text) for _ in _FOLDING[ord(character)]]
    return [*places, len(text)]
