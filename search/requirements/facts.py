"""What a published version of a product states, with the field and the very words; nothing is added to it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from search.requirements import features, indicators, lines, parsing
from search.requirements.indicators import Name
from search.requirements.numerals import with_digits
from search.requirements.quantities import Quantity, quantities
from search.requirements.text import fold

KPIS_MAX = 60  # rows; three times what the form takes
TEXT_MAX = 4_000  # characters of one field that are read
CELL_MAX = 300
MASS = frozenset({("g", Fraction(1))})
TIME = frozenset({("s", Fraction(1))})
_TIMES = ("时间", "时长")


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is stated: the field of the version, the words, and the document that the product names for it."""

    field: str
    words: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator with its value, as far as it is a number."""

    name: Name
    quantity: Quantity | None
    cell: str
    source: Source


@dataclass(frozen=True, slots=True)
class Affirmed:
    """Things that a product says it has; `name` is that of the row when it stands in one."""

    name: Name | None
    things: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in which the product stands today."""

    list_code: str
    number: str
    first_on_market: bool | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product as requirements are matched against it; `own` are its names, in lower case and one spelling.

    What a requirement is about may be called by the end of one, not by what else stands in it.
    """

    code: str
    name: str
    version: int
    own: tuple[str, ...]
    rows: tuple[Measured, ...] = ()
    sentences: tuple[Measured, ...] = ()
    affirmed: tuple[Affirmed, ...] = ()
    denied: tuple[tuple[Name, Source], ...] = ()
    standards: tuple[tuple[str, Source], ...] = ()
    device: Mapping[str, Any] = field(default_factory=dict)
    registration_number: str = ""
    listed: tuple[Listed, ...] = ()
    national: tuple[str, ...] = ()
    uses: tuple[tuple[tuple[str, ...], Source], ...] = ()
    said: tuple[tuple[str, Source], ...] = ()


def product(
    content: Mapping[str, Any],
    *,
    code: str,
    version: int,
    listed: Sequence[Listed] = (),
    national: Sequence[str] = (),
) -> Product:
    """Read the public content of a product's version; see `EntryVersion`."""
    own = tuple(
        indicators.canonical(part).replace(" ", "")
        for name in ("name", "model", "brand")
        for part in re.split(r"[()]", fold(content.get(name) or ""))
        if part.strip()
    )
    rows: list[Measured] = []
    affirmed: list[Affirmed] = []
    denied: list[tuple[Name, Source]] = []
    standards: list[tuple[str, Source]] = []
    said: list[tuple[str, Source]] = []
    for number, row in enumerate((content.get("kpis") or ())[:KPIS_MAX], 1):
        measured = _row(row, number)
        rows.append(measured)
        if features.is_no(measured.cell):
            denied.append((measured.name, measured.source))
        elif not features.is_denied(measured.cell) and not features.is_denied(str(row.get("indicator", ""))):
            named = features.named_in(measured.cell)
            if features.is_yes(measured.cell):
                named = frozenset({features.thing(str(row.get("indicator", "")))})
            affirmed.append(Affirmed(measured.name, named, measured.source))
            said.append((features.sentence(f"{row.get('indicator') or ''}:{measured.cell}"), measured.source))
            if indicators.strip(measured.name.core) == "执行标准" and parsing.is_followed(measured.cell):
                standards += [(each, measured.source) for each in parsing.standards(measured.cell)]
    summary = (content.get("summary") or "")[:TEXT_MAX]
    for words, named in features.affirmed(summary):
        affirmed.append(Affirmed(None, named, Source("产品简介", words)))
    scope = str((content.get("device") or {}).get("scope") or "")[:TEXT_MAX]
    uses = [(features.uses(fold(clause)), Source("产品简介", clause)) for clause in _clauses(summary)]
    uses += [
        (features.uses(fold(clause)), Source("医疗器械信息", f"适用范围 {clause}"))
        for clause in _clauses(scope)
    ]
    for clause in _clauses(summary):
        folded = fold(clause)
        if not features.is_denied(clause) and not features.is_planned(clause):
            said.append((features.sentence(folded), Source("产品简介", clause)))
        if parsing.conforms(folded):
            standards += [(each, Source("产品简介", clause)) for each in parsing.standards(folded)]
    return Product(
        code=code, name=content["name"], version=version, own=own, rows=tuple(rows),
        sentences=tuple(_sentences(summary)), affirmed=tuple(affirmed), denied=tuple(denied),
        standards=tuple(standards), device=content.get("device") or {},
        registration_number=(content.get("registration_number") or ""), listed=tuple(listed), national=tuple(national),
        uses=tuple((things, source) for things, source in uses if things), said=tuple(said),
    )  # fmt: skip


def _row(row: Mapping[str, Any], number: int) -> Measured:
    """Read a row of the table of indicators; a cell that holds more than one number is a text."""
    indicator, unit, ours = (str(row.get(key) or "")[:CELL_MAX] for key in ("indicator", "unit", "ours"))
    unit = "" if unit.strip() in ("-", "—", "/", "无") else unit
    words = " ".join(filter(None, (indicator, ours, unit)))
    source = Source(f"主要技术指标第 {number} 行", words, str(row.get("source") or "")[:CELL_MAX])
    cell = fold(ours)
    name = indicators.name(fold(indicator))
    found = list(quantities(with_digits(cell), fold(unit) or name.unit))
    quantity = found[0] if len(found) == 1 and _fills(with_digits(cell), found[0]) else None
    prefix = indicators.name(with_digits(cell)[: found[0].start]) if quantity else None
    if quantity and prefix and prefix.qualifiers:
        name = Name(name.core, name.statistics, name.qualifiers | prefix.qualifiers, name.unit)
    return Measured(by_unit(name, quantity), quantity, cell, source)


def by_unit(name: Name, quantity: Quantity | None) -> Name:
    """Return a name without what its unit says already: 质量 in kg is 重量, 考核时间 in hours is 考核."""
    core = indicators.strip(name.core)
    if quantity is None or not quantity.unit:
        return name
    dimensions = quantity.unit[0].dimensions
    if dimensions == MASS and core.endswith("质量"):
        core = indicators.canonical(core.removesuffix("质量") + "重量")
    elif dimensions == TIME and core.endswith(_TIMES) and len(core) > len("时间") + 1:
        core = core[: -len("时间")]
    else:
        return name
    return Name(core, name.statistics, name.qualifiers, name.unit)


def _fills(cell: str, quantity: Quantity) -> bool:
    """Return whether a cell says nothing but its quantity."""
    name = indicators.name(cell[: quantity.start])
    before = name.core or name.statistics  # 最低55 is not what is stated of all
    after = cell[quantity.end :].strip(" 。;,")
    return not before and not after


def _sentences(summary: str) -> Iterator[Measured]:
    for clause in _clauses(summary):
        if features.is_planned(clause):
            continue
        for statement in parsing.measures(clause):
            if statement.quantity is None or bool(statement.after) is bool(statement.before):
                continue
            name = by_unit(indicators.name(statement.before or statement.after), statement.quantity)
            yield Measured(name, statement.quantity, statement.text, Source("产品简介", clause))


def _clauses(summary: str) -> Iterator[str]:
    for clause in lines.clauses(summary):
        if clause.strip():
            yield clause.strip()


def licence_valid_until(device: Mapping[str, Any]) -> date | None:
    """Return until when a device's registration is valid, None where that is not stated."""
    try:
        return date.fromisoformat(device["valid_until"])
    except (KeyError, TypeError, ValueError):
        return None
