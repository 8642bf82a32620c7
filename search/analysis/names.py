"""What a product's name says of the thing itself: the parts it is put together from, what they end in, their sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from search.analysis.pinyin import sounds
from search.analysis.tokens import HAN
from search.analysis.words import words

HEAD_CHARACTERS = 8  # a longer ending is a whole name, which has a term of its own
AT_END, BARE, WHOLE, PURPOSE = 1, 2, 4, 8  # the ways in which a name ends
SPOKEN_CHARACTERS = 6  # longer phrases are not typed by sound
SPOKEN_WORDS = 3
INITIALS = "*"  # marks the term made of first letters
INITIALS_LEAST = 3  # two first letters stand for far too much
INITIALS_MOST = 6

_PART = re.compile(r"[、,;/|()\[\]【】《》“”\"'。:+]+|(?<=[^\W\d_]{2})[及和与或](?=[^\W\d_]{2})")
_SIGNS = re.compile(r"[\W_]+")
_ENDING = re.compile(
    r"(?<=..)(?:设备|系统|装置|仪器|器械|机组|产品|整机|成套|装备|制造|生产|车|机|仪|器|类)$"
)
_LEGAL_FORM = re.compile(r"(?:集团|控股|股份|有限|责任|公司)+$|^上海市?|\(.*?\)")
_HAN_ONLY = re.compile(rf"[{HAN}]+")


def compact(folded: str) -> str:
    """Return the letters and digits of a text without what stands between them."""
    return _SIGNS.sub("", folded)


def parts(folded: str) -> list[str]:
    """Divide a name where it lists things or explains one in brackets."""
    return [part for piece in _PART.split(folded) if len(part := compact(piece)) > 1]


def heads(folded: str) -> dict[str, int]:
    """Return what the parts of a name end in, each with the ways in which it does.

    A 磁共振设备 ends bare in 磁共振, since the last word only says that it is a device; a 呼吸机用管路 is no 呼吸机,
    but made for one.
    """
    found: dict[str, int] = {}

    def add(part: str, way: int) -> None:
        ending = ""
        for word in reversed(words(part)):
            ending = word + ending
            if len(ending) > HEAD_CHARACTERS:
                break
            if len(ending) > 1:
                found[ending] = found.get(ending, 0) | way

    for part in parts(folded):
        add(part, AT_END)
        found[part] = found.get(part, 0) | WHOLE
        if (bare := _ENDING.sub("", part)) != part:
            add(bare, BARE)
        purpose, used, thing = part.partition("用")
        if used and thing:
            add(purpose, PURPOSE)
    return found


def phrases(folded: str) -> Iterator[str]:
    """Yield the Chinese words of a name, and neighbouring ones joined, as somebody might type them."""
    for part in _HAN_ONLY.findall(folded):
        cut = words(part)
        for first in range(len(cut)):
            phrase = ""
            for word in cut[first : first + SPOKEN_WORDS]:
                phrase += word
                if len(phrase) > SPOKEN_CHARACTERS:
                    break
                if len(phrase) > 1:
                    yield phrase


@lru_cache(maxsize=10_000)
def unit_sounds(folded: str) -> frozenset[str]:
    """Return how what is particular in a unit's name sounds."""
    return frozenset(spoken(_LEGAL_FORM.sub("", folded)))


def spoken(folded: str) -> Iterator[str]:
    """Yield the sounds of the phrases of a name, and their first letters marked as such."""
    for phrase in dict.fromkeys(phrases(folded)):
        yield from sound_terms(phrase)


@lru_cache(maxsize=50_000)
def sound_terms(phrase: str) -> tuple[str, ...]:
    """Return the sounds of a phrase, and its first letters marked as such."""
    found = []
    for syllables in sounds(phrase):
        found.append("".join(syllables))
        if INITIALS_LEAST <= len(syllables) <= INITIALS_MOST:
            found.append(INITIALS + "".join(syllable[0] for syllable in syllables))
    return tuple(found)
