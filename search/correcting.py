"""What somebody may have meant: pinyin and first letters typed for characters, homophones, slips of the keyboard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from search.analysis import compact, fold, query_terms
from search.analysis.names import INITIALS, INITIALS_LEAST, INITIALS_MOST, SPOKEN_CHARACTERS
from search.analysis.pinyin import alike, alike_readings, exact_sounds, initial_letters, readings, spelled
from search.analysis.tokens import HAN
from search.analysis.words import is_han, language, words
from search.evidence import evidence
from search.index.schema import SOUND_FIELD
from search.index.snapshot import View
from search.needs import wording
from search.synonyms import Synonyms

READ_NAMES = 200  # names that are read for what they call it
FORMS_MOST = 6
SYLLABLES_MOST = 16
HAN_LEAST = 3  # characters from which on a sound alone is taken for what was meant
SLIP_LEAST = 4  # characters from which on one wrong, missing or further one is forgiven
SLIP_MOST = 10
PAIRS_BROKEN = 3  # pairs of characters fewer than characters that a name still shares after one slip
LATIN_LEAST = 5
CORRECTED_MOST = 100  # characters; a longer text is pasted, not typed
SHORT_QUERY = 4  # characters; of so short a query also a word of two may be misspelled

_JOINING = frozenset("的了和与或及在给能用是有为把被让")  # a run with one of these is a sentence, not a name
_HAN_RUN = re.compile(rf"[{HAN}]+")
_LATIN_RUN = re.compile(r"[a-z]+(?:[ '][a-z]+)*")
_LATIN_WORD = re.compile(r"[a-z]{4,}")  # shorter ones are acronyms, and one letter makes another of them


@dataclass(frozen=True, slots=True)
class Correction:
    """A query as it was meant; `forms` are all readings of one that is nothing but pinyin, the commonest first."""

    text: str
    forms: tuple[str, ...] = ()


def correct(view: View, text: str, synonyms: Synonyms) -> Correction | None:
    """Return what was meant by a query that nothing in the view answers, None when that is anybody's guess."""
    folded = fold(text).strip()
    if len(folded) > CORRECTED_MOST or synonyms.of(compact(folded)):
        return None
    if _LATIN_RUN.fullmatch(folded):
        letters = re.sub("[ ']", "", folded)
        forms = _pinyin(view, letters) or _initials(view, letters)
        if forms:
            return Correction(forms[0], tuple(forms))
        if whole := _expression(synonyms, letters) or _syllable_by_syllable(view, letters):
            return Correction(whole)
    changed = _HAN_RUN.sub(lambda run: _han(view, run[0], len(compact(folded)), synonyms), folded)
    changed = _LATIN_WORD.sub(lambda word: _latin(view, word[0]), changed)
    return Correction(changed) if changed != folded else None


def _pinyin(view: View, letters: str) -> list[str]:
    syllables = spelled(letters)
    if not syllables or len(syllables) < 2:
        return []
    return _sounding(view, syllables)


def _initials(view: View, letters: str) -> list[str]:
    if not INITIALS_LEAST <= len(letters) <= INITIALS_MOST:
        return []
    forms = _forms(view, INITIALS + letters, tuple(letters), initial_letters)
    return sorted(forms, key=lambda form: (-forms[form], form))[:FORMS_MOST]


def _expression(synonyms: Synonyms, letters: str) -> str | None:
    """Return a known expression that sounds so, though no name holds it."""
    syllables = spelled(letters)
    sound = "".join(map(alike, syllables)) if syllables and len(syllables) > 1 else INITIALS + letters
    return synonyms.sounding(sound)


def _sounding(view: View, syllables: tuple[str, ...]) -> list[str]:
    """Return what names call by these syllables: what sounds so rather than what merely sounds alike."""
    folded = tuple(map(alike, syllables))
    forms = _forms(view, "".join(folded), folded, alike_readings)
    exact = [form for form in forms if all(map(_is_read, form, syllables))]
    return sorted(exact or forms, key=lambda form: (-forms[form], form))[:FORMS_MOST]


def _is_read(character: str, syllable: str) -> bool:
    return syllable in readings(character)


def _syllable_by_syllable(view: View, letters: str) -> str | None:
    """Read a longer pinyin text phrase by phrase, the longest known phrase first."""
    syllables = spelled(letters)
    if not syllables or len(syllables) > SYLLABLES_MOST:
        return None
    result: list[str] = []
    start = 0
    while start < len(syllables):
        for end in range(min(len(syllables), start + SPOKEN_CHARACTERS), start + 1, -1):
            if forms := _sounding(view, syllables[start:end]):
                result.append(forms[0])
                start = end
                break
        else:
            return None
    return "".join(result)


def _forms(
    view: View, term: str, said: tuple[str, ...], heard: Callable[[str], frozenset[str]]
) -> Counter[str]:
    """Return what names of products and units in the view call by a sound, with how many of them do."""
    found: Counter[str] = Counter()
    length = len(said)
    for number in view.holding(SOUND_FIELD, term)[:READ_NAMES].tolist():
        name = f"{view.snapshot.names[number]} {fold(view.snapshot.organizations[number])}"
        found.update(
            {
                name[start : start + length]
                for start in range(len(name) - length + 1)
                if all(said[index] in heard(name[start + index]) for index in range(length))
            }
        )
    return found


def _han(view: View, run: str, asked: int, synonyms: Synonyms) -> str:
    """Put right what in a run of characters is written with characters of the same sound, or with one slip."""
    doubtful = _doubtful(view, run, synonyms)
    if not doubtful or (asked > SHORT_QUERY and not _JOINING.isdisjoint(run)):
        return run
    known = _known(run, doubtful)
    for piece in _pieces(run, doubtful):
        kept = [word for word in known if word in piece]
        for syllables in exact_sounds(piece):
            for form in _sounding(view, syllables):
                if not all(word in form for word in kept):
                    continue  # 降血脂药 is not 香雪制药: 血脂 is meant
                if len(piece) >= HAN_LEAST or (
                    piece == run and asked <= SHORT_QUERY and _sounds_same(form, piece)
                ):
                    return run.replace(piece, form)
    if SLIP_LEAST <= len(run) <= SLIP_MOST and (meant := _slip(view, run)):
        return meant
    return run


def _sounds_same(form: str, piece: str) -> bool:
    return not set(exact_sounds(form)).isdisjoint(exact_sounds(piece))


def _doubtful(view: View, run: str, synonyms: Synonyms) -> list[tuple[int, int]]:
    """Return the places of words that no product holds, and of characters that stand alone, unless they are expressions."""
    found, start = [], 0
    for piece, others in synonyms.divided(run):
        for word in [piece] if others else words(piece):
            end = start + len(word)
            if not others and (len(word) == 1 or not len(evidence(view, wording(word)).documents)):
                found.append((start, end))
            start = end
    return found


def _known(run: str, doubtful: list[tuple[int, int]]) -> list[str]:
    """Return the words of a run that are not doubtful."""
    return [
        run[start:end]
        for start, end in pairwise(_ends(run))
        if not any(left < end and start < right for left, right in doubtful)
    ]


def _ends(run: str) -> list[int]:
    """Return where the words of a run end, and its beginning."""
    return [0, *accumulate(map(len, words(run)))]


def _pieces(run: str, doubtful: list[tuple[int, int]]) -> Iterator[str]:
    """Yield the pieces between words that hold something doubtful, the longest first."""
    ends = _ends(run)
    found = {
        (a, b)
        for index, a in enumerate(ends)
        for b in ends[index + 1 :]
        if 2 <= b - a <= SPOKEN_CHARACTERS and any(a <= start and end <= b for start, end in doubtful)
    }
    return (run[a:b] for a, b in sorted(found, key=lambda place: (place[0] - place[1], place)))


def _slip(view: View, run: str) -> str | None:
    """Return what names hold instead of the run when one character is wrong, missing, further or swapped."""
    counts = np.zeros(view.snapshot.size, np.int8)
    for pair in query_terms(run):
        holding = view.term(pair)
        counts[holding.documents[holding.in_name]] += 1
    near = np.flatnonzero(counts >= max(1, len(run) - PAIRS_BROKEN))
    candidates = near[np.argsort(-counts[near], kind="stable")][:READ_NAMES]
    pattern = re.compile("|".join(_slips(run)))
    joining = language("stop")  # 机械手等 is no slip of 机械手臂
    found: Counter[str] = Counter()
    for number in candidates.tolist():
        forms = set(pattern.findall(view.snapshot.names[number]))
        found.update(form for form in forms if is_han(form) and joining.isdisjoint(set(form) - set(run)))
    return min(found, key=lambda form: (-found[form], form)) if found else None


def _slips(run: str) -> Iterator[str]:
    for place in range(len(run)):
        before, after = re.escape(run[:place]), re.escape(run[place + 1 :])
        yield f"{before}.{after}"
        if len(run) > SLIP_LEAST and before and after:
            yield before + after
        if place:
            yield f"{before}.{re.escape(run[place:])}"
        if after:
            yield before + re.escape(run[place + 1] + run[place] + run[place + 2 :])


def _latin(view: View, word: str) -> str:
    """Put a Latin word right that the view does not know."""
    if len(view.term(word).documents):
        return word
    if forms := _pinyin(view, word):
        return forms[0]
    if len(word) < LATIN_LEAST:
        return word
    known = (each for each in view.snapshot.latin.near(word) if len(view.term(each).documents))
    return min(known, key=lambda each: (-len(view.term(each).documents), each), default=word)
