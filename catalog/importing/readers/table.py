"""What every reader hands over, and the limits that hold for all of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from catalog.importing.columns import NAME, READ
from registry.errors import RuleError

ROWS_MAX = 1_048_576  # ECMA-376 Part 1, 18.3.1.73: rows of a worksheet
COLUMNS_MAX = 16_384  # ECMA-376 Part 1, 18.3.1.4: columns of a worksheet


class FileError(RuleError):
    """The file as a whole cannot be imported."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, parameter="file")


@dataclass(frozen=True, slots=True)
class Table:
    """A header row and the rows below it. `rows` may be called again and starts over each time.

    A row comes with its number as a spreadsheet counts (the header is in row 1) and with text cells only; it may be
    shorter or longer than the header.
    """

    headers: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[int, Sequence[str]]]]
    other_sheets: tuple[str, ...] = ()


def table(
    read: Callable[[], Iterator[tuple[int, Sequence[str]]]], other_sheets: tuple[str, ...] = ()
) -> Table:
    """Check the first row of `read` that is not empty as the header, and return the table below it.

    Raises:
        FileError: there is no header row, a column is missing or named twice, or there are too many.
    """
    first = next(((number, cells) for number, cells in read() if any(map(str.strip, cells))), None)
    if first is None:
        raise FileError("文件里没有表头。")
    at, headers = first[0], [cell.strip() for cell in first[1]]
    while not headers[-1]:
        headers.pop()
    if len(headers) > COLUMNS_MAX:
        raise FileError(f"表格有 {len(headers):,} 列，最多只能有 {COLUMNS_MAX:,} 列。")
    if NAME not in headers:
        raise FileError(f"第 {at} 行应为表头，其中没有“{NAME}”一列。")
    for known in READ:
        if headers.count(known) > 1:
            raise FileError(f"表头“{known}”出现了 {headers.count(known)} 次，只能出现一次。")

    def below() -> Iterator[tuple[int, Sequence[str]]]:
        for number, row in read():
            if number > ROWS_MAX:
                raise FileError(f"表格超过 {ROWS_MAX:,} 行，请拆分后再导入。")
            if number > at and any(row):
                yield number, row

    return Table(tuple(headers), below, other_sheets)
