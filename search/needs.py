"""Understand a query: what it asks for, piece by piece, and by which other words each piece goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from search.analysis import compact, fold, query_terms
from search.analysis.tokens import query_runs
from search.analysis.words import finer, is_han, language, tagged, words
from search.synonyms import Others, Synonyms

GENERIC_SHARE = 0.25  # of the weight of a word that tells products apart
SETTING_SHARE = 0.5  # of a word that tells where something works
LONE_SHARE = 0.4  # of a single character, which stands in hundreds of words
HEAD_SHARE = 1.4  # the thing itself, named last, weighs more than what describes it
VARIANTS_MOST = 24  # ways to put synonyms in place of what was typed
STEM_LEAST = 2  # characters before the name of an instrument
STEM_TRUST = 0.5
WHOLE_TRUST = 1.0
WHOLE_TRUST_LEAST = 0.6  # of a wording that counts as what was asked for

# What a word of this kind says about a product, against a noun; rjieba names the kinds as jieba does.
_KIND_SHARE = {
    "v": 0.7,
    "a": 0.6,
    "d": 0.4,
    "f": 0.3,
    "m": 0.4,
    "q": 0.4,
    "p": 0.2,
    "r": 0.2,
    "t": 0.3,
    "s": 0.5,
}

_BLANK_IN_LATIN = re.compile("(?<=[a-z]) (?=[a-z])")
_OR = "、"
_AND = ("和", "及", "与", "以及", "跟")
_ANY_OR = re.compile("(?<=..)(?:或者|或|、)(?=..)")  # hardly ever stands inside a word that says something
_OF = re.compile("的")  # neither does this
# What shall not be.
_DENIED = re.compile("(?:不用|不需要|不需|无需|无须|不必|不要)[^、，,;；。的]{1,8}(?:[、，,;；。]|就|而)")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say it: all terms must be held; the text is what a name may end in."""

    text: str
    terms: tuple[str, ...]
    trust: float = WHOLE_TRUST
    spoken: str = ""

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """Return what decides which products answer to it."""
        return self.text, self.terms


@dataclass(frozen=True, slots=True)
class Need:
    """One thing asked for, in all its wordings; the first one is what was typed."""

    wordings: tuple[Wording, ...]
    share: float
    is_thing: bool = True  # it may be what the product is, not what describes it

    @property
    def text(self) -> str:
        """Return what was typed."""
        return self.wordings[0].text


@dataclass(frozen=True, slots=True)
class Understood:
    """A query in pieces; `whole` says it all at once, in each wording, for those who meet it exactly.

    A sentence describes what is needed; a list names several things, parted by blanks.
    """

    needs: tuple[Need, ...]
    whole: tuple[Wording, ...]
    is_sentence: bool = False
    is_list: bool = False
    is_service: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Return all wordings, to be shown where they stand."""
        wordings = (*self.whole, *(wording for need in self.needs for wording in need.wordings))
        return tuple(dict.fromkeys(wording.spoken for wording in wordings))

    def also(self, others: Iterable[str]) -> Understood:
        """Return a query that means each of these texts as well."""
        wordings = tuple(map(wording, others))
        if not wordings:
            return self
        need = Need((*self.whole, *wordings), 1.0)
        return Understood((need,), need.wordings)


def understand(text: str, synonyms: Synonyms) -> Understood:
    """Divide a query into needs: known expressions first, then words, without those that only join."""
    folded = fold(text)
    sentence, is_list = is_sentence(folded), len(folded.split()) > 1
    needs: list[Need] = []
    *describing, named = _OF.split(_DENIED.sub("", folded) if sentence else folded)
    for part in describing:
        needs += _of_part(part, synonyms, is_head=False)
    needs += _of_part(named, synonyms, is_head=True)
    needs = list({need.text: need for need in reversed(needs)}.values())[::-1]
    if all(need.share <= GENERIC_SHARE for need in needs):
        needs = [replace(need, share=1.0) for need in needs]
    if needs:
        described = [replace(need, is_thing=is_list) for need in needs[:-1]]
        weight = HEAD_SHARE if needs[-1].share > GENERIC_SHARE else 1.0
        needs = [*described, replace(needs[-1], share=needs[-1].share * weight)]
    is_service = not language("services").isdisjoint(words(folded))
    return Understood(tuple(needs), tuple(_whole(folded, synonyms)), sentence, is_list, is_service)


def _of_part(part: str, synonyms: Synonyms, *, is_head: bool) -> list[Need]:
    """Return what stands between two 的 asks for; what is parted by "or" or "and" is one need, met by either."""
    needs: list[Need] = []
    for clause in _clauses(part):
        setting = _setting(tagged(clause))
        found = [
            replace(need, share=SETTING_SHARE * need.share) if _is_among(need.text, setting) else need
            for piece, others in synonyms.divided(clause)
            for need in _of_piece(piece, others, synonyms)
        ]
        needs = _either(needs, found, is_head=is_head) if needs else found
    return needs


def _clauses(folded: str) -> list[str]:
    """Divide a query where it says "or", or "and" as a word of its own."""
    marked = "".join(_OR if word in _AND else word for word in words(folded))
    return [clause for clause in _ANY_OR.split(marked) if clause.strip()]


def _either(needs: list[Need], others: list[Need], *, is_head: bool) -> list[Need]:
    """Join two clauses parted by "or": what each is about is one need, met by either.

    A clause that names a thing is about its last word; of one that describes, only the next word is joined on.
    """
    ours, theirs = _telling(needs), _telling(others)
    if not ours or not theirs:
        return needs + others
    left, right = ours[-1], theirs[-1 if is_head else 0]
    joined = replace(others[right], wordings=(*needs[left].wordings, *others[right].wordings))
    return [*needs[:left], *needs[left + 1 :], *others[:right], joined, *others[right + 1 :]]


def _telling(needs: list[Need]) -> list[int]:
    """Return the places of those that tell products apart."""
    return [place for place, need in enumerate(needs) if need.share > GENERIC_SHARE]


def _of_piece(piece: str, others: Others, synonyms: Synonyms) -> Iterator[Need]:
    """Yield what a piece asks for; a known expression of several words is met word by word, or by its others at once."""
    found = list(_of_words(piece))
    also = tuple(wording(other, trust) for other, trust in others)
    if others and (len(found) < 2 or any(len(need.text) < 2 for need in found)):
        yield Need((wording(piece), *also, *_stems(compact(piece))), _share(piece, "n"))
        return
    for need in found:
        own = tuple(wording(other, trust) for other, trust in synonyms.of(need.text)) if others else ()
        yield replace(need, wordings=(*need.wordings, *own, *also))


@lru_cache(maxsize=50_000)
def wording(text: str, trust: float = WHOLE_TRUST) -> Wording:
    """Return a wording of a folded text; blanks in it part what may stand apart."""
    return Wording(compact(text), query_terms(text), trust, text)


def _of_words(piece: str) -> Iterator[Need]:
    for run, required in query_runs(piece):
        if not is_han(run):
            yield Need((Wording(compact(run), tuple(required), WHOLE_TRUST, run),), HEAD_SHARE)
            continue
        for word, kind in _joined(tagged(run)):
            for half in _halves(word):
                yield Need((wording(half), *_stems(half)), _share(half, kind))


def _is_among(text: str, setting: frozenset[str]) -> bool:
    return any(text in word or word in text for word in setting)


def _setting(parts: list[tuple[str, str]]) -> frozenset[str]:
    """Return the nouns that tell where or for whom something works: 仓库 of 仓库里, 机房 of 给机房服务器供电."""
    found = set()
    for place, (word, kind) in enumerate(parts):
        before, after = parts[max(0, place - 2) : place], parts[place + 1 : place + 3]
        if kind[:1] in "fs" or word in language("places"):
            for each, its in reversed(before):
                if its[:1] != "n":
                    break
                found.add(each)
        elif word in language("givers") and len(after) > 1 and after[0][1][:1] == after[1][1][:1] == "n":
            found.add(after[0][0])
    return frozenset(found)


def _halves(word: str) -> tuple[str, ...]:
    """Divide a word of four characters where it is put together from two."""
    if len(word) == 4 and words(word) == [word]:
        parts = tuple(part for part in finer(word) if len(part) == 2)
        if "".join(parts) == word:
            return parts
    return (word,)


def _joined(parts: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Leave joining words out, and put neighbouring single characters, an unknown word, back together."""
    stop = language("stop")
    growing = ""
    for word, kind in [*parts, ("", "")]:
        if len(word) == 1 and word not in stop:
            growing += word
            continue
        if growing:
            yield growing, "n"
            growing = ""
        if word and word not in stop:
            yield word, kind


def _stems(word: str) -> Iterator[Wording]:
    """Yield what an instrument is for: a 血糖仪 is looked for as 血糖 too."""
    for length in range(min(4, len(word) - STEM_LEAST), 0, -1):
        if word[-length:] in language("instruments"):
            yield wording(word[:-length], STEM_TRUST)
            return


def _share(word: str, kind: str) -> float:
    if word in language("generic") or word in language("instruments"):
        return GENERIC_SHARE
    if len(word) == 1:
        return LONE_SHARE
    return _KIND_SHARE.get(kind[:1], 1.0) if kind not in ("vn", "an") else 0.9


def is_sentence(folded: str) -> bool:
    """Tell whether somebody describes what is needed rather than naming it."""
    return not language("stop").isdisjoint(words(folded))


def _whole(folded: str, synonyms: Synonyms) -> Iterator[Wording]:
    """Yield the whole query with synonyms in place of what was typed, the most trusted first."""
    variants: list[tuple[str, float]] = [("", WHOLE_TRUST)]
    for piece, others in synonyms.divided(folded):
        longer = [
            (text + each, trust * its)
            for text, trust in variants
            for each, its in ((piece, WHOLE_TRUST), *others)
        ]
        variants = sorted(longer, key=lambda variant: -variant[1])[:VARIANTS_MOST]
    variants = [(text, trust) for text, trust in variants if trust >= WHOLE_TRUST_LEAST]
    for text, trust in dict([*variants, (_BLANK_IN_LATIN.sub("", folded), WHOLE_TRUST)]).items():
        if query_terms(text):
            yield wording(text, trust)
