"""CSV files as offices make them: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from catalog.importing.columns import READ
from catalog.importing.readers.table import FileError, Table, table

CELL_MAX = 131_072  # characters; the csv module's own default, four times what a spreadsheet cell can hold
_STEP = 1 << 20  # bytes decoded at once while the encoding is being decided
_BEGINNING = 65_536  # characters in which the header row is looked at for the delimiter


def open_text(content: bytes) -> Table:
    """Open a CSV file; the encoding is the first in which the whole file can be read.

    Raises:
        FileError: no encoding fits, or there is no usable header row.
    """
    encoding = encoding_of(content)
    delimiter = _delimiter(content, encoding)

    def read() -> Iterator[tuple[int, Sequence[str]]]:
        text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
        rows = csv.reader(text, delimiter=delimiter, strict=True)
        number = 1
        try:
            for number, row in enumerate(rows, 1):
                yield number, row
        except csv.Error as problem:
            raise FileError(_sentence(str(problem), number + 1)) from None

    return table(read)


def encoding_of(content: bytes) -> str:
    """Return the encoding in which the whole content can be read.

    Raises:
        FileError: there is none.
    """
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # a spreadsheet's Unicode text
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), _STEP):
                decoder.decode(content[start : start + _STEP])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileError("文件的文字编码既不是 UTF-8 也不是 GB18030，请另存为 UTF-8 编码后再导入。")


def _delimiter(content: bytes, encoding: str) -> str:
    beginning = content[: _BEGINNING * 4].decode(encoding, errors="ignore")[:_BEGINNING]
    header = next(filter(str.strip, beginning.splitlines()), "")
    return max(",;\t", key=lambda mark: len({cell.strip('" ') for cell in header.split(mark)} & set(READ)))


def _sentence(problem: str, number: int) -> str:
    if "field limit" in problem:
        return f"第 {number} 行有单元格超过 {CELL_MAX:,} 字；常见原因是引号没有配对。"
    if "unexpected end" in problem:
        return f"从第 {number} 行起有引号没有配对，一直到文件末尾。"
    return f"第 {number} 行不符合 CSV 格式：引号没有配对，或引号之外有多余的字。"
