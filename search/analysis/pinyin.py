"""How Chinese words sound in pinyin, without tones and without what speakers of many regions do not tell apart."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.metadata import distribution, version
from itertools import islice, product
from typing import Final

PACKAGE: Final = (
    "pypinyin"  # its table is read as a file; the package itself, with its phrases, is never loaded
)
SOUNDS_MOST = 4  # of one word with characters of several readings

# Characters with another usual reading, or with another first one, than the table's first.
_USUAL = {
    "行": "xing hang", "重": "zhong chong", "调": "tiao diao", "乐": "le yue", "长": "chang zhang",
    "率": "lv shuai", "传": "chuan zhuan", "弹": "dan tan", "降": "jiang xiang", "参": "can shen",
    "藏": "cang zang", "轧": "zha ya", "薄": "bo bao", "模": "mo mu", "校": "jiao xiao", "阿": "a e",
    "厦": "sha xia", "给": "gei ji", "都": "du dou", "削": "xiao", "泊": "bo", "柏": "bo bai",
    "粘": "zhan nian", "似": "si", "爪": "zhua", "伽": "jia ga", "茄": "qie",
}  # fmt: skip

_HAN_BLOCK = range(0x4E00, 0xA000)
_TONES = re.compile("[\u0300-\u036f]")
_ALIKE = (
    (re.compile("^([zcs])h"), r"\1"),  # zh-z, ch-c, sh-s
    (re.compile("(?<=[aei])ng$"), "n"),  # an-ang, en-eng, in-ing
)


def table_name() -> str:
    """Name the table that decides how words sound; another one makes another index."""
    return f"{PACKAGE}-{version(PACKAGE)}"


@cache
def _table() -> dict[str, tuple[str, ...]]:
    path = distribution(PACKAGE).locate_file(f"{PACKAGE}/pinyin_dict.json")
    with open(str(path), encoding="utf-8") as file:
        table: dict[str, str] = json.loads(_plain(file.read()))
    found = {
        chr(int(point)): (usual.split(",", 1)[0],)
        for point, usual in table.items()
        if int(point) in _HAN_BLOCK
    }
    return found | {character: tuple(usual.split()) for character, usual in _USUAL.items()}


def _plain(text: str) -> str:
    """Take the tones off; ü is typed v."""
    return _TONES.sub("", unicodedata.normalize("NFD", text).replace("u\u0308", "v"))


def readings(character: str) -> tuple[str, ...]:
    """Return how a character is usually read; one that is not Chinese has no reading."""
    return _table().get(character, ())


def in_order(text: str) -> str:
    """Return by what texts are put in order, as a dictionary does: by sound, then by character."""
    table = _table()
    return "".join(
        f"{table[character][0]} {character}" if character in table else character for character in text
    )


@cache
def alike_readings(character: str) -> frozenset[str]:
    """Return the readings as the index holds them."""
    return frozenset(map(alike, readings(character)))


@cache
def initial_letters(character: str) -> frozenset[str]:
    """Return the first letters of the readings."""
    return frozenset(reading[:1] for reading in readings(character))


def exact_sounds(word: str) -> list[tuple[str, ...]]:
    """Return the usual readings of a Chinese word, syllable by syllable; none when a character has no reading."""
    table = _table()
    if not all(character in table for character in word):
        return []
    return list(islice(product(*(table[character] for character in word)), SOUNDS_MOST))


def sounds(word: str) -> list[tuple[str, ...]]:
    """Return the readings as the index holds them: sounds that are easily confused are one."""
    return list(dict.fromkeys(tuple(map(alike, syllables)) for syllables in exact_sounds(word)))


@cache
def alike(syllable: str) -> str:
    """Fold the endings and beginnings of a syllable that are easily confused."""
    for pattern, replacement in _ALIKE:
        syllable = pattern.sub(replacement, syllable)
    return syllable


@cache
def syllables() -> frozenset[str]:
    """Return every syllable there is, as typed."""
    return frozenset(
        reading for usual in _table().values() for reading in usual if set(reading) & set("aeiouv")
    )


def spelled(typed: str) -> tuple[str, ...] | None:
    """Divide typed Latin letters into syllables, the longest first; None when they are not pinyin."""
    known = syllables()
    ways: list[tuple[str, ...] | None] = [()] + [None] * len(typed)
    for end in range(1, len(typed) + 1):
        for start in range(max(0, end - 6), end):
            before = ways[start]
            if before is not None and typed[start:end] in known:
                way = (*before, typed[start:end])
                if ways[end] is None or len(way) < len(ways[end] or ()):
                    ways[end] = way
    return ways[-1] or None
