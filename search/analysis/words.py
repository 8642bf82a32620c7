"""Words by dictionary: they rank results and divide a long query, and never decide on a match."""

from __future__ import annotations

import re

import rjieba

from search.analysis.tokens import HAN

_HAN = re.compile(rf"[{HAN}]+")

# What joins the words of a request without saying what is wanted; single characters are left to the index.
STOP_WORDS = frozenset("的了和与或及在给能做也不用是有对为于把被让使可") | {
    "可以",
    "能够",
    "用于",
    "进行",
    "帮助",
    "需要",
    "一种",
    "一个",
}


def words(folded: str) -> list[str]:
    """Cut a folded text into words of a dictionary, in order, spaces and signs included."""
    return list(rjieba.cut(folded))


def ranking_words(folded: str) -> list[str]:
    """Return the words of two or more Han characters, by which hits are ranked."""
    return [word for word in words(folded) if len(word) > 1 and word not in STOP_WORDS and _is_han(word)]


def joined_characters(parts: list[str]) -> list[str]:
    """Drop joining words, and put neighbouring single characters, an unknown word, back together."""
    result: list[str] = []
    growing = False
    for part in parts:
        if part in STOP_WORDS:
            growing = False
        elif len(part) == 1 and growing:
            result[-1] += part
        else:
            result.append(part)
            growing = len(part) == 1
    return result


def _is_han(word: str) -> bool:
    return _HAN.fullmatch(word) is not None
