"""Tell in which type sizes a certificate surely does not fit one page, so that they are not tried.

Laying a page out takes half of all the time. The sizes are read from the style sheet; the estimate is a little too
short, never too long, and the layout has the last word.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import ceil

from catalog.certificates.face import Cell, Face, width

PAGE_MM = 297 - 24 - 71  # A4 without the margins of certificate.css
TEXT_MM = 156
VALUE_MM = {1: 120.5, 2: 45.5}  # of a cell, by how many stand in its row
HEADER_MM = 7
LINE = 1.42  # of a table's type size
LISTING = 0.92  # of the same, in the table of listings
UNITS = {"mm": 1.0, "pt": 25.4 / 72}
SURE = 0.98  # of the estimate: it knows nothing of where lines break
_RULE = re.compile(r"^html(?:\.level-(\d))? \{(.*?)\}", re.DOTALL | re.MULTILINE)
_SIZE = re.compile(r"--([a-z-]+): (?:calc\(156mm / (\d+)\)|([\d.]+)(mm|pt));")


@dataclass(frozen=True, slots=True)
class Level:
    """The sizes of one level in millimetres, named as in the style sheet."""

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
    known: dict[str, float] = {}
    found = []
    for _, rule in _RULE.findall(sheet):
        for name, share, size, unit in _SIZE.findall(rule):
            known[name.replace("-", "_")] = TEXT_MM / int(share) if share else float(size) * UNITS[unit]
        found.append(_level(known))
    return tuple(found)


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


def _level(known: Mapping[str, float]) -> Level:
    return Level(**{field.name: known[field.name] for field in fields(Level)})


def _row(cells: tuple[Cell, ...], level: Level) -> float:
    lines = max(_lines([cell.value], VALUE_MM[len(cells)], level.value) for cell in cells)
    return lines * level.value * LINE + 2 * level.pad


def _lines(texts: Iterable[str], available: float, size: float) -> int:
    return sum(ceil(width(text) / 2 * size / available) for text in texts)
