"""Cut folded text into the terms on which records and queries meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from operator import add

HAN = r"々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
LETTER = rf"(?:(?![{HAN}])[^\W\d_])"

TERM_CHARACTERS = 64  # longer unbroken strings carry no more meaning, and a key must stay small
CODE_PARTS = 4  # X-200/B has three parts; longer codes are matched by overlapping windows of four

# 首台(套) is written with and without brackets, so the bracketed 套 belongs to the run before it.
_HAN_RUN = rf"[{HAN}]+(?:\s?\(\s?套\s?\)[{HAN}]*)*"
_PART = re.compile(rf"\d+|{LETTER}+")
JOINT = "-_./·+:*&"  # stands between the parts of a code
_SPACE_BEFORE_DIGIT = rf"(?<={LETTER}\ )(?=\d)"
_SPACE_AFTER_DIGIT = rf"(?<=\d\ )(?={LETTER})"
_SHORT_BEFORE_DIGIT = rf"(?:(?<=(?<!\w){LETTER}\ )|(?<=(?<!\w){LETTER}{LETTER}\ ))(?=\d)"
_SHORT_AFTER_DIGIT = rf"(?<=\d\ )(?={LETTER}{{1,2}}(?!\w))"


def _runs(space: str) -> re.Pattern[str]:
    part = rf"(?:\d+|{LETTER}+)"
    return re.compile(rf"(?P<han>{_HAN_RUN})|{part}(?:(?:[{JOINT}]|\ (?:{space}))?{part})*")


# "X 200" in a text is also found as X200. In a query only a lone letter or two bind to the number after a
# space: "GPU 5000" asks for both, wherever they stand.
_TEXT_RUNS = _runs(rf"{_SPACE_BEFORE_DIGIT}|{_SPACE_AFTER_DIGIT}")
_QUERY_RUNS = _runs(rf"{_SHORT_BEFORE_DIGIT}|{_SHORT_AFTER_DIGIT}")


def _han_positions(run: re.Match[str]) -> list[int]:
    start, text = run.start(), run[0]
    if "(" not in text:
        return list(range(start, run.end()))
    return [
        start + index
        for index, character in enumerate(text)
        if character not in "()" and not character.isspace()
    ]


def _parts(run: re.Match[str]) -> list[tuple[str, int, int]]:
    return [
        (part[0], part.start(), part.end()) for part in _PART.finditer(run.string, run.start(), run.end())
    ]


def text_tokens(folded: str) -> list[tuple[str, int, int]]:
    """Return every term of a folded text with its start and end.

    Han runs give single characters and pairs; codes give their parts and each joining of neighbouring parts.
    """
    tokens: list[tuple[str, int, int]] = []
    for run in _TEXT_RUNS.finditer(folded):
        if run.lastgroup != "han":
            tokens += _code_tokens(_parts(run))
        elif "(" in run[0]:
            tokens += _bracketed_tokens(run)
        else:
            start, end = run.span()
            starts, ends = range(start, end), range(start + 1, end + 1)
            tokens += zip(run[0], starts, ends, strict=True)
            tokens += zip(map(add, run[0], run[0][1:]), starts, ends[1:], strict=False)
    return tokens


def _bracketed_tokens(run: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    folded, positions = run.string, _han_positions(run)
    for position in positions:
        yield folded[position], position, position + 1
    for first, second in pairwise(positions):
        closed = folded.startswith(")", second + 1) and second + 1 < run.end()
        yield folded[first] + folded[second], first, second + 1 + closed


def _code_tokens(parts: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    for index, (_, start, _) in enumerate(parts):
        joined = ""
        for part, _, end in parts[index : index + CODE_PARTS]:
            joined += part
            yield joined[:TERM_CHARACTERS], start, end


def query_runs(folded: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each unbroken run of a folded query, without brackets, and the terms that it requires."""
    for run in _QUERY_RUNS.finditer(folded):
        if run.lastgroup == "han":
            text = "".join(folded[position] for position in _han_positions(run))
            yield text, [text] if len(text) == 1 else [text[i : i + 2] for i in range(len(text) - 1)]
            continue
        parts = [part for part, _, _ in _parts(run)]
        windows = range(max(1, len(parts) - CODE_PARTS + 1))
        yield run[0], ["".join(parts[i : i + CODE_PARTS])[:TERM_CHARACTERS] for i in windows]
