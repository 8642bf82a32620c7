"""Requirements as they are pasted or uploaded: lines of text, or tables with a row for each."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePath

from catalog.importing.readers.table import FileError
from catalog.importing.readers.text import encoding_of
from catalog.importing.readers.workbook import worksheets
from registry.errors import RuleError
from search.requirements.sheets import rows_as_lines

# A long tender file has a hundred lines of forty characters; together these keep the worst of texts below a second.
LINES_MAX = 200
LINE_MAX = 500  # characters
TEXT_MAX = 20_000  # characters
FILE_MAX = 1024 * 1024  # bytes
UNPACKED_MAX = 32 * 1024 * 1024  # bytes that a workbook of that size may come to
SHEETS_MAX = 20  # worksheets that hold something
CELLS_MAX = 100_000  # of a worksheet, empty ones between others included


def lines_of(text: str, *, field: str = "采购要求") -> tuple[str, ...]:
    """Return the lines that say something, without outer blanks.

    Raises:
        RuleError: there are none, too many, or one is too long or holds what is no text.
    """
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = [line for line in lines if any(map(str.isalnum, line))]
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
    """Return the lines of an uploaded file, of all visible worksheets of a workbook.

    Raises:
        FileError: it is neither text nor a workbook, or too large.
    """
    try:
        return _text_of(content, name)
    except FileError as problem:
        sentence = problem.sentence.replace("再导入", "再上传")
        raise FileError(f"采购要求文件：{sentence}") from None


def _text_of(content: bytes, name: str) -> str:
    ending = PurePath(name).suffix.lower()
    if ending not in (".txt", ".csv", ".xlsx"):
        raise FileError("只能上传 .txt、.csv 或 .xlsx 文件。")
    if len(content) > FILE_MAX:
        raise FileError(f"超过 {FILE_MAX // 1024 // 1024} MB，请只保留技术要求后再上传。")
    if not content.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise FileError("文件是空的。")
    if zipfile.is_zipfile(io.BytesIO(content)) != (ending == ".xlsx"):
        raise FileError(f"扩展名是 {ending}，内容却不是，请另存后再上传。")
    if ending == ".xlsx":
        sheets = worksheets(content, unpacked_max=UNPACKED_MAX, cells_max=CELLS_MAX)
        if len(sheets) > SHEETS_MAX:
            raise FileError(f"有 {len(sheets):,} 个工作表，最多 {SHEETS_MAX} 个，请只保留技术要求后再上传。")
        return "\n".join(line for _, read in sheets for line in rows_as_lines([cells for _, cells in read()]))
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileError("含有不是文字的内容，请另存为 UTF-8 编码的文本后再上传。")
    text = content.decode(encoding_of(content))
    if ending == ".csv":
        return "\n".join(rows_as_lines(list(_csv(text))))
    return text


def _csv(text: str) -> Iterator[list[str]]:
    delimiter = max(",;\t", key=next(filter(str.strip, text.splitlines()), "").count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise FileError("不符合 CSV 格式，引号没有配对。") from None
