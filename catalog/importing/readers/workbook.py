"""XLSX workbooks: measured before they are opened, then read by calamine."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import IO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from catalog.importing.readers.table import COLUMNS_MAX, ROWS_MAX, FileError, Table, table

UNPACKED_MAX = 512 * 1024 * 1024  # bytes; a workbook of 64 MB rarely unpacks to more, a zip bomb does
CELLS_MAX = 4_000_000  # rows × columns that calamine lays out in memory, about 32 bytes each
PARTS_MAX = 2_000  # files inside the workbook
_STEP = 1 << 20  # bytes unpacked at once
_BROKEN = "工作簿已损坏或不是 XLSX 文件，无法打开。"


Rows = Callable[[], Iterator[tuple[int, Sequence[str]]]]


def open_workbook(content: bytes) -> Table:
    """Open the first visible worksheet of a workbook.

    Raises:
        FileError: it is broken, encrypted, too large when unpacked, or has no usable header row.
    """
    (_, rows), *others = worksheets(content)
    return table(rows, tuple(name for name, _ in others))


def worksheets(
    content: bytes, *, unpacked_max: int | None = None, cells_max: int | None = None
) -> list[tuple[str, Rows]]:
    """Return the first visible worksheet and all others that hold something: the name, and what reads the rows.

    Rows come as text, with their numbers.

    Raises:
        FileError: it is broken, encrypted or too large when unpacked.
    """
    try:
        _measure(content, unpacked_max or UNPACKED_MAX, cells_max or CELLS_MAX)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
        if not visible:
            raise FileError("工作簿里没有可见的工作表。")
        first = book.get_sheet_by_name(visible[0])
        others = [name for name in visible[1:] if book.get_sheet_by_name(name).height]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        # zipfile says RuntimeError to an encrypted part, NotImplementedError to an unknown compression
        raise FileError(_BROKEN) from None
    except (CalamineError, expat.ExpatError, ValueError, OSError):
        raise FileError(_BROKEN) from None

    # Each of the others is laid out again when it is read: all at once would fill the memory.
    return [(visible[0], partial(_rows, first)), *((name, partial(_opened, book, name)) for name in others)]


def _opened(book: CalamineWorkbook, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    yield from _rows(book.get_sheet_by_name(name))


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, [cell if isinstance(cell, str) else _text(cell) for cell in cells]


def _text(cell: float | bool | time | date | timedelta) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


def _measure(content: bytes, unpacked_max: int, cells_max: int) -> None:
    """Refuse what would fill the memory: the sizes are counted, not believed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise FileError("文件不是 XLSX 工作簿（可能是改了扩展名的压缩包或其他文档）。")
        if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > unpacked_max:
            raise FileError(f"工作簿展开后超过 {unpacked_max // 1024 // 1024} MB，请拆分后再导入。")
        for part in parts:
            with archive.open(part) as file:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _measure_sheet(file, cells_max)
                else:
                    while file.read(_STEP):  # to its end, where the checksum is compared
                        pass


def _measure_sheet(file: IO[bytes], cells_max: int) -> None:
    """Follow the cells of a worksheet: two cells in far corners make calamine lay out all between them."""
    row = column = rows = columns = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, rows, columns
        name = tag.rpartition(":")[2]
        if name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "c":
            column += 1
            if place := attributes.get("r"):
                letters = place.rstrip("0123456789")
                column, row = _column(letters), int(place[len(letters) :])
            rows, columns = max(rows, row), max(columns, column)
            if rows > ROWS_MAX or columns > COLUMNS_MAX or rows * columns > cells_max:
                raise FileError(
                    f"工作表有 {rows:,} 行 × {columns:,} 列，最多 {ROWS_MAX:,} 行、{COLUMNS_MAX:,} 列、"
                    f"共 {cells_max:,} 个单元格；请删去多余的行列或拆分后再导入。"
                )

    def refuse(*_arguments: object) -> None:
        raise FileError(_BROKEN)  # SpreadsheetML has no DTD; entities are a way to fill the memory

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.ParseFile(file)


def _column(letters: str) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + ord(letter) - 64
    return number
