"""Tell in which type sizes a certificate surely does not fit one page, so that they are not tried.

Laying a page out takes half of all the time. The sizes are read from the style sheet; the estimate is a little too
short, never too long, and the layout has the last word.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil

from catalog.certificates.face import Cell, Face, width

PAGE_MM = 297 - 24 - 71  # A4 without the margins of certificate.css
TEXT_MM = 156
VALUE_MM = {1: 121.5, 2: 46}  # of a cell, by how many stand in its row
HEADER_MM = 7
LINE = 1.42  # of a table's type size
LISTING = 0.92  # of the same, in the table of listings
SURE = 0.98  # of the estimate: it knows nothing of where lines break
_RULE = re.compile(r"^html(?:\.level-\d)? \{(.*?)\}", re.DOTALL | re.MULTILINE)
_SIZE = re.compile(r"--([a-z-]+): ([^;]+);")
_USED = re.compile(r"var\(--([a-z-]+)\)")
_VALUE = re.compile(rf"calc\({TEXT_MM}mm / (?P<share>\d+)\)|(?P<mm>[\d.]+)mm|(?P<pt>[\d.]+)pt")


@dataclass(frozen=True, slots=True)
class Level:
    """The sizes of one level in millimetres, named as in the style sheet, and the sheet with them written in."""

    sheet: str
    body: float
    line: float
    title: float
    above_title: float
    below_title: float
    value: float
    label: float
    pad: float
    note: float
    note_line: float
    gap: float


def levels(sheet: str) -> tuple[Level, ...]:
    """Return the levels that a style sheet sets, the largest type first."""
    written: dict[str, str] = {}
    found = []
    for rule in _RULE.findall(sheet):
        written = {**written, **dict(_SIZE.findall(rule))}
        sizes = {name.replace("-", "_"): _millimetres(value) for name, value in written.items()}
        found.append(Level(_USED.sub(partial(_size, written), sheet), **sizes))
    return tuple(found)


def _size(written: Mapping[str, str], used: re.Match[str]) -> str:
    return written[used[1]]


def surely_overflows(face: Face, level: Level) -> bool:
    """Return whether the page cannot fit in a level's sizes."""
    text = _lines([face.opening, *filter(None, [face.addressee])], TEXT_MM, level.body)
    rows = sum(_row(cells, level) for cells in (*face.facts, *face.findings))
    listings = level.label * LINE + 2 * level.pad
    listings += len(face.listings) * ((LISTING * level.value + level.label) * LINE + 3 * level.pad)
    notes = _lines(face.paragraphs, TEXT_MM, level.note)
    height = (
        HEADER_MM
        + level.above_title + level.title * 1.3 + level.below_title
        + text * level.line
        + level.gap + rows + listings
        + level.gap + notes * level.note_line
    )  # fmt: skip
    return height * SURE > PAGE_MM


def _millimetres(value: str) -> float:
    found = _VALUE.fullmatch(value)
    if found is None:
        raise ValueError(f"a size of the style sheet is neither in mm nor in pt: {value}")
    if share := found["share"]:
        return TEXT_MM / int(share)
    return float(found["mm"]) if found["mm"] else float(found["pt"]) * 25.4 / 72


def _row(cells: tuple[Cell, ...], level: Level) -> float:
    lines = max(_lines([cell.value], VALUE_MM[len(cells)], level.value) for cell in cells)
    return lines * level.value * LINE + 2 * level.pad


def _lines(texts: Iterable[str], available: float, size: float) -> int:
    return sum(ceil(width(text) / 2 * size / available) for text in texts)
