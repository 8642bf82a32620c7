"""Tables of requirements, as tender files lay them out, into lines of text."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

COLUMNS_MAX = 12  # that are read
HEADER_ROWS = 10  # among which the header is looked for; above it stand titles

_NAMES = (
    "指标名称", "参数名称", "技术指标", "指标", "参数", "指标项", "参数项", "项目", "名称", "货物名称", "设备名称", "产品名称", "标的名称", "品名", "条款", "内容",
)  # fmt: skip
_WANTS = (
    "技术要求", "参数要求", "指标要求", "采购要求", "招标要求", "具体要求", "技术参数要求", "技术参数及要求", "技术规格及要求", "要求", "规格", "数值", "指标值", "参数值",
    "技术规格", "规格参数", "主要技术参数", "技术参数", "参数",
)  # fmt: skip
_UNITS = ("计量单位", "单位")
_NUMBERS = ("序号", "编号", "行号", "条款号", "项号", "no", "no.")
_NUMBER = re.compile(r"^\s*(?:[(（]?\d{1,3}[)）]|\d{1,3}(?:\.\d{1,3})*[.、．]|[①-⑳])\s*")
_MARKS = re.compile(r"[★☆▲△●◆※*#]+")
# How a requirement begins that needs its indicator.
_BARE = re.compile(r"[≥≤><=±~～≧≦＞＜不至大小高低多少优约\d]")


class _Columns(NamedTuple):
    """Where name, requirement and unit stand."""

    name: int | None
    wanted: int
    unit: int | None


def rows_as_lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: name, requirement and unit by the header, or what stands in a row one after the other.

    A cell of several lines is as many requirements; where there are several such goods, each line begins with its own.
    The name of a merged cell holds for the rows below it too.
    """
    filled = [row[:COLUMNS_MAX] for row in rows if any(map(str.strip, row))]
    for place, row in enumerate(filled[:HEADER_ROWS]):
        if columns := _header([_joined(cell) for cell in row]):
            yield from _by_header(filled[place + 1 :], columns)
            return
    for row in filled:
        yield from _without_header(row)


def _header(cells: Sequence[str]) -> _Columns | None:
    """Return the columns when the row is a header."""
    wanted = _place(cells, _WANTS)
    if wanted is None or sum(map(bool, cells)) < 2:
        return None
    others = [cell if place != wanted else "" for place, cell in enumerate(cells)]
    return _Columns(_place(others, _NAMES), wanted, _place(others, _UNITS))


def _place(cells: Sequence[str], titles: Sequence[str]) -> int | None:
    return next((cells.index(title) for title in titles if title in cells), None)


def _by_header(rows: Sequence[Sequence[str]], columns: _Columns) -> Iterator[str]:
    last = ""
    asked = [_lines(row[columns.wanted]) if columns.wanted < len(row) else [] for row in rows]
    goods = sum(len(lines) > 1 for lines in asked)
    for row, lines in zip(rows, asked, strict=True):
        name, unit = (
            _joined(row[place]) if place is not None and place < len(row) else "" for place in columns[::2]
        )
        mark = next((cell.strip() for cell in row if _MARKS.fullmatch(cell.strip())), "")
        last = name or last
        if len(lines) > 1:
            named = f"{name}：" if name and goods > 1 else ""  # else they would be asked of every product
            yield from (f"{mark}{named}{_NUMBER.sub('', line) if named else line}" for line in lines)
        elif lines:
            [wanted] = lines
            name = name or (last if _BARE.match(wanted) else "")
            yield f"{mark}{name}：{wanted}{unit}" if name and name != wanted else f"{mark}{wanted}{unit}"
        elif name:
            yield f"{mark}{name}"


def _without_header(row: Sequence[str]) -> Iterator[str]:
    filled = [lines for cell in row if (lines := _lines(cell))]
    if len(filled) > 1 and _is_numbering(filled[0][0]):
        filled = filled[1:]
    if any(len(lines) > 1 for lines in filled):
        yield from (line for lines in filled if len(lines) > 1 for line in lines)
    else:
        name, *rest = (line for [line] in filled)
        colon = "：" if rest and not _BARE.match(name) else ""
        yield f"{name}{colon}{''.join(rest)}"


def _lines(cell: str) -> list[str]:
    return [joined for line in cell.splitlines() if (joined := _joined(line))]


def _joined(text: str) -> str:
    return " ".join(text.split())


def _is_numbering(text: str) -> bool:
    return text.lower() in _NUMBERS or text.replace(".", "").replace("、", "").isdigit()
