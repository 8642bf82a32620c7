"""Requirements as they are pasted or uploaded: lines of text, or a table with a row for each."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from catalog.importing.readers.table import FileError
from catalog.importing.readers.text import encoding_of
from catalog.importing.readers.workbook import sheet_rows
from registry.errors import RuleError

# A long tender file has a hundred lines of forty characters; together these keep the worst of texts below a second.
LINES_MAX = 200
LINE_MAX = 500  # characters
TEXT_MAX = 20_000  # characters
FILE_MAX = 1024 * 1024  # bytes
UNPACKED_MAX = 32 * 1024 * 1024  # bytes that a workbook of that size may come to
CELLS_MAX = 100_000  # of a worksheet, empty ones between others included
COLUMNS_MAX = 12  # of a table that are read

_NAMES = ("指标名称", "参数名称", "技术指标", "指标", "参数", "项目", "名称", "条款", "内容")
_WANTS = (
    "技术要求",
    "参数要求",
    "指标要求",
    "采购要求",
    "招标要求",
    "具体要求",
    "要求",
    "规格",
    "数值",
    "指标值",
    "参数值",
)
_UNITS = ("计量单位", "单位")
_NUMBERS = ("序号", "编号", "行号", "条款号", "项号", "no", "no.")


def lines_of(text: str, *, field: str = "采购要求") -> tuple[str, ...]:
    """Return the lines that say something, without outer blanks.

    Raises:
        RuleError: there are none, too many, or one is too long or holds what is no text.
    """
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        raise RuleError(f"{field}：必填，一行一条。", parameter="lines")
    if len(lines) > LINES_MAX:
        raise RuleError(
            f"{field}：一次最多比对 {LINES_MAX} 行，现有 {len(lines):,} 行，请分批比对。", parameter="lines"
        )
    if (length := sum(map(len, lines))) > TEXT_MAX:
        raise RuleError(
            f"{field}：一次最多 {TEXT_MAX:,} 个字，现有 {length:,} 个，请分批比对。", parameter="lines"
        )
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            raise RuleError(
                f"{field}：第 {number} 行有 {len(line):,} 个字，每行最多 {LINE_MAX:,} 个字，请拆成几行。",
                parameter="lines",
            )
        if any(ord(character) < 32 and character != "\t" for character in line):
            raise RuleError(f"{field}：第 {number} 行含有不能识别的控制字符，请删去。", parameter="lines")
    return tuple(lines)


def text_of(content: bytes, name: str) -> str:
    """Return the lines of an uploaded file, one for each row of a workbook.

    Raises:
        FileError: it is neither text nor a workbook, or too large.
    """
    ending = PurePath(name).suffix.lower()
    if ending not in (".txt", ".csv", ".xlsx"):
        raise FileError("采购要求文件：只能上传 .txt、.csv 或 .xlsx 文件。")
    if len(content) > FILE_MAX:
        raise FileError(f"采购要求文件：超过 {FILE_MAX // 1024 // 1024} MB，请只保留技术要求后再上传。")
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise FileError("采购要求文件：文件是空的。")
    if zipfile.is_zipfile(io.BytesIO(content)) != (ending == ".xlsx"):
        raise FileError(f"采购要求文件：扩展名是 {ending}，内容却不是，请另存后再上传。")
    if ending == ".xlsx":
        read, _ = sheet_rows(content, unpacked_max=UNPACKED_MAX, cells_max=CELLS_MAX)
        return "\n".join(rows_as_lines(cells for _, cells in read()))
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileError("采购要求文件：含有不是文字的内容，请另存为 UTF-8 编码的文本后再上传。")
    text = content.decode(encoding_of(content))
    if ending == ".csv":
        return "\n".join(rows_as_lines(_csv(text)))
    return text


def _csv(text: str) -> Iterator[Sequence[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""))
    except csv.Error:
        raise FileError("采购要求文件：不符合 CSV 格式，引号没有配对。") from None


def rows_as_lines(rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each row: name, requirement and unit by the header, or what stands in it one after the other."""
    columns: tuple[int | None, int | None, int | None] | None = None
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row[:COLUMNS_MAX]]
        if not any(cells):
            continue
        if columns is None:
            columns = _header(cells)
            if columns != (None, None, None):
                continue
        yield _line(cells, columns)


def _header(cells: Sequence[str]) -> tuple[int | None, int | None, int | None]:
    """Return the columns of name, requirement and unit when the row is a header of a table."""
    name, wanted, unit = (_place(cells, titles) for titles in (_NAMES, _WANTS, _UNITS))
    return (name, wanted, unit) if wanted is not None else (None, None, None)


def _place(cells: Sequence[str], titles: Sequence[str]) -> int | None:
    for title in titles:
        if title in cells:
            return cells.index(title)
    return None


def _line(cells: Sequence[str], columns: tuple[int | None, int | None, int | None]) -> str:
    def cell(place: int | None) -> str:
        return cells[place] if place is not None and place < len(cells) else ""

    name, wanted, unit = map(cell, columns)
    if columns[1] is not None:
        return f"{name}：{wanted}{unit}" if name and name != wanted else f"{wanted}{unit}" or name
    filled = [each for each in cells if each]
    if len(filled) > 1 and _is_numbering(filled[0]):
        filled = filled[1:]
    return "：".join(filled[:2]) + "".join(filled[2:])


def _is_numbering(text: str) -> bool:
    return text.lower() in _NUMBERS or text.replace(".", "").replace("、", "").isdigit()
