"""Tables as CSV and XLSX: a spreadsheet opens them in Chinese and runs nothing that stands in them."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from registry.cells import protect

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | None

XLSX_CELL_MAX = 32_767  # characters of a cell, from Excel's specifications and limits
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@contextmanager
def csv_table(out: IO[bytes]) -> Iterator[Callable[[Iterable[Cell]], None]]:
    """Yield what writes one line of CSV, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True, errors="replace")
    rows = csv.writer(text)

    def write(line: Iterable[Cell]) -> None:
        rows.writerow([protect(value) if isinstance(value, str) else value for value in line])

    try:
        yield write
    finally:
        text.detach()  # the caller closes its file


def csv_bytes(lines: Iterable[Iterable[Cell]]) -> bytes:
    """Return lines as one file of CSV."""
    out = io.BytesIO()
    with csv_table(out) as write:
        for line in lines:
            write(line)
    return out.getvalue()


def xlsx_text(value: str) -> str:
    """Return a text as a cell of a workbook holds it: no formula, and nothing that XML cannot carry."""
    return _NOT_XML.sub("\ufffd", protect(value))


class Sheet:
    """One sheet that is written line by line."""

    def __init__(self, sheet: "WriteOnlyWorksheet") -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font, PatternFill

        self._sheet, self._cell, self.lines = sheet, WriteOnlyCell, 0
        self._top = Alignment(vertical="top", wrap_text=True)
        self._centred = Alignment(vertical="center", wrap_text=True)
        self._bold, self._grey = Font(bold=True), PatternFill("solid", fgColor="F2F2F2")

    def head(self, line: Iterable[Cell], *, wraps: bool = True) -> None:
        """Write a line that names what stands below."""
        style = {"font": self._bold, "fill": self._grey} | ({"alignment": self._centred} if wraps else {})
        self._append(self._styled(value, style) for value in line)

    def line(self, line: Iterable[Cell], *, wraps: bool = False) -> None:
        """Write a line, cells that are too long for one row broken where it `wraps`."""
        style = {"alignment": self._top}
        self._append(self._styled(value, style) if wraps else _held(value) for value in line)

    def _append(self, cells: Iterable[Any]) -> None:
        self._sheet.append(list(cells))
        self.lines += 1

    def _styled(self, value: Cell, style: dict[str, Any]) -> Any:
        cell = self._cell(self._sheet, _held(value))
        for name, chosen in style.items():
            setattr(cell, name, chosen)
        return cell


@contextmanager
def workbook(out: IO[bytes], title: str, widths: Sequence[int], *, is_list: bool = False) -> Iterator[Sheet]:
    """Yield the one sheet of a workbook, its columns as wide as `widths` says in characters.

    The first line of a list stays in sight and filters the others.
    """
    from openpyxl import Workbook  # here, for it takes 22 MB of every worker and few of them write a workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    if is_list:
        page.freeze_panes = "A2"
    sheet = Sheet(page)
    try:
        yield sheet
        if is_list:
            page.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{sheet.lines}"
    finally:
        page.close()  # a sheet left open holds a half-written temporary file
    book.save(out)


def _held(value: Cell) -> Cell:
    return xlsx_text(value) if isinstance(value, str) else value
