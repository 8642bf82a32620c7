"""Words by dictionary: they rank results and divide a long query, and never decide on a match."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

import rjieba

from search.analysis.tokens import HAN

_HAN = re.compile(rf"[{HAN}]+")


@cache
def _lists() -> dict[str, frozenset[str]]:
    text = files("search").joinpath("data/language.toml").read_text(encoding="utf-8")
    return {kind: frozenset(held.split()) for kind, held in tomllib.loads(text).items()}


def language(kind: str) -> frozenset[str]:
    """Return a list of everyday words: stop, generic, instruments, accessories."""
    return _lists()[kind]


def words(folded: str) -> list[str]:
    """Cut a folded text into words of a dictionary, in order, spaces and signs included."""
    return list(rjieba.cut(folded))


def finer(word: str) -> list[str]:
    """Return the shorter words of the dictionary that a word holds, and the word."""
    return list(rjieba.cut_for_search(word))


def tagged(folded: str) -> list[tuple[str, str]]:
    """Cut a folded text into words with the part of speech of each.

    A word that no dictionary holds, guessed by its place, gives back what clings to it: 人用, 时盖, 能产氧.
    """
    found: list[tuple[str, str]] = []
    for word, kind in rjieba.tag(folded):
        parts = rjieba.tag(word, hmm=False)
        found += parts if any(part in language("clinging") for part, _ in parts) else [(word, kind)]
    return found


def is_han(text: str) -> bool:
    """Tell whether a text is nothing but Chinese characters."""
    return _HAN.fullmatch(text) is not None
