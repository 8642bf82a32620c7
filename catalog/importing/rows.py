"""One row of a file: cells in, checked values or the reasons for refusing it out."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from catalog.importing.columns import (
    CONTENT,
    DATES,
    DEVICE,
    DEVICE_VALID_UNTIL,
    IS_CHARGEABLE,
    KEY_MAX,
    NAME,
    NUMBER,
    READ,
    SOURCE,
)
from catalog.numbers import BATCH_MAX, FIRST_YEAR, ListingNumber
from registry import clock
from registry.canonical import digest
from registry.cells import unprotect
from registry.taxonomy import Labels

SHOWN_MAX = 200  # characters of a refused cell that the report repeats

# What no XML file and not every database can hold (XML 1.0, 2.2); other oddities are taken as they stand.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|(\d{2})(\d{2}))(?:[ T]0{1,2}:00(?::00)?)?")
_AS_DASHES = str.maketrans({"/": "-", ".": "-", "年": "-", "月": "-", "日": None})
_YEAR = re.compile(r"(\d{4})年?")
_BATCH = re.compile(r"第?(\d{1,4})批?次?|第([一二三四五六七八九十])批次?")
_FIRST_ON_MARKET = re.compile(r"([是否])(?:\(基准日:? ?(.+)\))?")
_SEVERAL = re.compile(r"[;；\n]")

T = TypeVar("T")


class CellError(ValueError):
    """A cell does not say what its column asks for; carries the sentence."""


def content_key(content: Mapping[str, Any]) -> str:
    """Return the key made of name, model and unit."""
    return digest([content.get(name) for name in ("name", "model", "organization_name")])


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of the report: where, what stands there, and why it is not taken. `line` is None for a column."""

    line: int | None
    column: str
    value: str
    reason: str


@dataclass
class Row:
    """What a row says. A column that the file lacks is absent from the mappings; an empty cell is None in them."""

    line: int
    source: str | None = None
    number_text: str | None = None
    number: ListingNumber | None = None
    batch: int | None = None
    content: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    device: dict[str, Any] = field(default_factory=dict)
    national: tuple[str, ...] | None = None

    @property
    def year(self) -> int | None:
        """Return the 年份 as written."""
        return self.facts.get("recorded_year")

    @cached_property
    def content_key(self) -> str:
        """Return the key made of name, model and unit."""
        return content_key(self.content)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def parse_date(text: str) -> date:
    """Read a day in any of the ways offices write it.

    Raises:
        CellError: it is no day of the calendar, or one before any list.
    """
    match = _DATE.fullmatch(_plain(text).translate(_AS_DASHES))
    try:
        if match is None:
            raise ValueError
        value = date(*(int(part) for part in match.groups() if part))
    except ValueError:
        raise CellError("不是日期，应写作 2026-03-31、2026/3/31 或 2026年3月31日") from None
    if value.year < FIRST_YEAR:
        raise CellError(f"早于 {FIRST_YEAR} 年，请核对")
    return value


def parse_year(text: str) -> int:
    """Read a year that a list can have.

    Raises:
        CellError: it is none.
    """
    match = _YEAR.fullmatch(_plain(text))
    if match is None or not is_year(int(match[1])):
        raise CellError(f"不是可能的年份，应为 {FIRST_YEAR} 至 {clock.today().year + 1} 的四位数字")
    return int(match[1])


def is_year(year: int) -> bool:
    """Return whether a list can have this year: next year's may be published in December."""
    return FIRST_YEAR <= year <= clock.today().year + 1


def parse_batch(text: str) -> int:
    """Read a batch: 2, 02, 第2批 or 第二批.

    Raises:
        CellError: it is none.
    """
    match = _BATCH.fullmatch(_plain(text))
    batch = int(match[1] or unicodedata.numeric(match[2])) if match else 0
    if not 1 <= batch <= BATCH_MAX:
        raise CellError(f"不是可能的批次，应为 1 至 {BATCH_MAX}")
    return batch


def parse_first_on_market(text: str) -> tuple[bool, date | None]:
    """Read the finding and the day on which it was made: 是, 否, 是（基准日 2026-03-31）.

    Raises:
        CellError: it is none of these.
    """
    match = _FIRST_ON_MARKET.fullmatch(_plain(text))
    if match is None:
        raise CellError("应为“是”“否”，或“是（基准日 2026-03-31）”")
    return match[1] == "是", parse_date(match[2]) if match[2] else None


def parse_yes_no(text: str) -> bool:
    """Read 是 or 否.

    Raises:
        CellError: it is neither.
    """
    if (plain := _plain(text)) not in ("是", "否"):
        raise CellError("应为“是”或“否”")
    return plain == "是"


class RowReader:
    """Read the rows under one header; what a deployment and the options say holds for all of them."""

    def __init__(
        self, headers: Sequence[str], *, fields: Labels, districts: Labels, valid_until: date | None
    ) -> None:
        """Find the known columns."""
        self._at = {header: headers.index(header) for header in READ if header in headers}
        self._named = len(headers)
        self._field_of = lru_cache(4096)(fields.code_of)
        self._district_of = lru_cache(4096)(districts.code_of)
        self._date = lru_cache(4096)(parse_date)
        self._valid_until = valid_until

    def read(self, line: int, cells: Sequence[str]) -> Row | list[Fault]:
        """Check a row; return what it says, or every reason for which it is refused."""
        faults: list[Fault] = []
        values = self._values(line, cells, faults)
        row = Row(line)

        def refuse(column: str, reason: str) -> None:
            faults.append(Fault(line, column, (values.get(column) or "")[:SHOWN_MAX], reason))

        def parsed(column: str, parse: Callable[[str], T]) -> T | None:
            try:
                return parse(value) if (value := values.get(column)) else None
            except CellError as problem:
                refuse(column, str(problem))
                return None

        if not values.get(NAME):
            refuse(NAME, "产品名称为空")
        row.content = {target: values[column] for column, target in CONTENT.items() if column in values}
        if "field_text" in row.content:
            row.content["field"] = self._field_of(row.content["field_text"])
        if "district_text" in row.content:
            row.content["district"] = self._district_of(row.content["district_text"])
        if "发布文件" in values:
            row.facts["document"] = values["发布文件"]
        for column, target in DATES.items():
            if column in values:
                row.facts[target] = parsed(column, self._date)
        if self._valid_until:
            row.facts["valid_until"] = row.facts.get("valid_until") or self._valid_until
        if "年份" in values:
            row.facts["recorded_year"] = parsed("年份", parse_year)
        row.batch = parsed("批次", parse_batch)
        if "首次投放市场" in values:
            finding = parsed("首次投放市场", parse_first_on_market)
            row.facts["first_on_market"], row.facts["first_on_market_as_of"] = finding or (None, None)
        row.device = {target: values[column] for column, target in DEVICE.items() if column in values}
        if DEVICE_VALID_UNTIL in values:
            until = parsed(DEVICE_VALID_UNTIL, self._date)
            row.device[DEVICE[DEVICE_VALID_UNTIL]] = until.isoformat() if until else None
        if IS_CHARGEABLE in values:
            row.device[DEVICE[IS_CHARGEABLE]] = parsed(IS_CHARGEABLE, parse_yes_no)
        for column in (SOURCE, NUMBER):
            if len(values.get(column) or "") > KEY_MAX:
                refuse(column, f"超过 {KEY_MAX} 字")
        row.source, row.number_text = values.get(SOURCE), values.get(NUMBER)
        if row.number_text and (number := ListingNumber.parse(row.number_text)):
            row.number, row.number_text = number, str(number)
            if not is_year(number.year):
                refuse(NUMBER, "编号中的年份不可能")
        if "国家级目录" in values:
            row.national = _several(values["国家级目录"])
        return faults or row

    def _values(self, line: int, cells: Sequence[str], faults: list[Fault]) -> Mapping[str, str | None]:
        if any(cells[self._named :]):
            extra = next(cell for cell in cells[self._named :] if cell)
            faults.append(
                Fault(
                    line, f"第{self._named + 1}列", extra[:SHOWN_MAX],
                    f"单元格多于表头的 {self._named} 列，各列可能错位",
                )
            )  # fmt: skip
        values: dict[str, str | None] = {}
        for column, at in self._at.items():
            value = unprotect(cells[at].strip()) if at < len(cells) else ""
            if value and _UNWRITABLE.search(value):
                shown = _UNWRITABLE.sub("\ufffd", value)[:SHOWN_MAX]
                faults.append(Fault(line, column, shown, "含有不可见的控制字符"))
                value = _UNWRITABLE.sub("", value)
            values[column] = value or None
        return values


def _several(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(str.strip, _SEVERAL.split(text or "")))))
