"""Import a file of published entries: all of it or nothing, repeatable, with a report of what was not taken."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from catalog.bulk import count_anew
from catalog.editions import Book
from catalog.entries import REVISION_COUNTER
from catalog.importing.columns import NUMBER, READ, STATUS
from catalog.importing.hints import hints_of
from catalog.importing.judging import Batch
from catalog.importing.known import Lookup
from catalog.importing.readers import FILE_MAX, FileError, Table, open_table
from catalog.importing.report import ImportResult
from catalog.importing.rows import Fault, Row, RowReader, is_year
from catalog.importing.writing import Writer, reserve
from catalog.models import EditionItem
from catalog.numbers import BATCH_MAX, ListingNumber
from registry import clock, counters, taxonomy, trail
from registry.db import Database
from registry.errors import RuleError, StaleError
from registry.models import (
    CatalogEntry,
    EntryKey,
    EntryVersion,
    ListCode,
    Listing,
    ListingVersion,
    NodeKind,
    PublicationScope,
    User,
)

ROWS_AT_ONCE = 1_000  # rows judged and written together; their keys stand in one IN clause

GROWING = (CatalogEntry, EntryVersion, EntryKey, Listing, ListingVersion, EditionItem)
"""Tables that an import may fill."""

Progress = Callable[[int, int], None]
"""Told after every batch: rows done, rows in all."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What holds for rows that do not say it themselves, and whether to write at all.

    `year` is the year in the number where a row has no 年份 (this year when None); `scope` is given to new entries.
    `expected_revision` is the catalog's revision that somebody looked at before he confirmed.
    """

    list_code: ListCode = ListCode.CX
    year: int | None = None
    batch: int = 1
    valid_until: date | None = None
    dry_run: bool = False
    scope: PublicationScope = PublicationScope.PUBLIC
    expected_revision: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no row could say either."""
        if self.year is not None and not is_year(self.year):
            raise RuleError(f"年份 {self.year} 不可能。", parameter="year")
        if not 1 <= self.batch <= BATCH_MAX:
            raise RuleError(f"批次应为 1 至 {BATCH_MAX}。", parameter="batch")


def import_path(
    database: Database,
    path: Path,
    *,
    options: ImportOptions,
    actor: User | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Import a file from disk; see `import_file`."""
    try:
        if path.stat().st_size > FILE_MAX:
            raise FileError(f"文件超过 {FILE_MAX // 1024 // 1024} MB，请拆分后再导入。")
        content = path.read_bytes()
    except OSError:
        raise FileError(f"无法读取文件 {path.name}。") from None
    return import_file(database, content, name=path.name, options=options, actor=actor, progress=progress)


def import_file(
    database: Database,
    content: bytes,
    *,
    name: str,
    options: ImportOptions,
    actor: User | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Import the content of a file in one transaction; `name` tells by its ending what it claims to be.

    Raises:
        FileError: the file as a whole cannot be read; nothing was written.
        StaleError: the catalog is not at the expected revision any more; nothing was written.
    """
    table = open_table(content, name)
    result = ImportResult()
    total, numbers = _look_through(table, result)
    # A rehearsal writes as well, so that it meets every rule of the database; closing the session undoes it.
    with database.session(writes=True) if options.dry_run else database.transaction() as session:
        _import(session, table, options, result, numbers, lambda done: progress and progress(done, total))
        trail.record(
            session, actor, "catalog.import", subject="file", subject_id=hashlib.sha256(content).hexdigest()[:60],
            version=result.revision,
            detail={
                "name": name.encode(errors="replace").decode(), "list": options.list_code, "read": result.read, "created": result.created,
                "changed": result.changed, "refused": result.refused, "editions": list(result.editions),
            },
        )  # fmt: skip
    return result


def _look_through(table: Table, result: ImportResult) -> tuple[int, list[ListingNumber]]:
    """Read the file once to its end: a fault of the whole file shows before anything is locked or written."""
    headers = table.headers
    at = headers.index(NUMBER) if NUMBER in headers else None
    nameless = [index for index, header in enumerate(headers) if not header]
    used: set[int] = set()
    numbers: dict[str, ListingNumber] = {}
    total = 0
    for _, row in table.rows():
        total += 1
        written = row[at] if at is not None and at < len(row) else ""
        if written and (number := ListingNumber.parse(written)) and is_year(number.year):
            highest = numbers.setdefault(number.counter, number)
            if highest.serial < number.serial:
                numbers[number.counter] = number
        used.update(index for index in nameless if index < len(row) and row[index].strip())
    unknown = [header for header in headers if header and header not in READ]
    unknown += [f"第{index + 1}列" for index in sorted(used)]
    result.unknown_columns = tuple(unknown)
    for header in unknown:
        reason = "状态不由导入改变，此列未读取" if header == STATUS else "不是导入表的列，未读取"
        result.report.append(Fault(None, header, "", reason))
    for sheet in table.other_sheets:
        result.report.append(Fault(None, f"工作表 {sheet}", "", "只读取第一张可见的工作表，此表未读取"))
    return total, list(numbers.values())


def _import(
    session: Session,
    table: Table,
    options: ImportOptions,
    result: ImportResult,
    numbers: list[ListingNumber],
    progress: Callable[[int], object],
) -> None:
    counters.raise_to(session, REVISION_COUNTER, 0)  # locks its row: imports go one after the other
    result.base_revision = counters.current(session, REVISION_COUNTER)
    if options.expected_revision not in (None, result.base_revision):
        raise StaleError("核对之后目录有了变化，请看过新的核对结果再导入。", parameter="revision")
    reserve(session, numbers)
    reader = RowReader(
        table.headers,
        fields=taxonomy.labels(session, NodeKind.FIELD),
        districts=taxonomy.labels(session, NodeKind.DISTRICT),
        valid_until=options.valid_until,
    )
    book, today = Book(session), clock.today()
    writer = Writer(session, book)
    lines: dict[int, int] = {}
    rows = table.rows()
    while cells := list(islice(rows, ROWS_AT_ONCE)):
        taken = list(_taken(reader, cells, result))
        lookup = Lookup(session, taken, lines=lines)
        batch = Batch(
            lookup, list_code=options.list_code, year=options.year or today.year, batch=options.batch,
            scope=options.scope, today=today, is_closed=book.is_closed,
        )  # fmt: skip
        for row in taken:
            verdict = batch.judge(row)
            if isinstance(verdict, Fault):
                result.report.append(verdict)
                result.refused += 1
            else:
                setattr(result, verdict, getattr(result, verdict) + 1)
                for hint in hints_of(row.content) or ():
                    result.hints.setdefault(hint, []).append(row.line)
        result.report += batch.notices
        knowns = {id(known): known for known in lookup.by_key.values()}.values()
        writer.write(list(batch.touched.values()), knowns)
        if result.read == 0 and writer.revision:
            count_anew(session, *GROWING)
        lines.update((known.id, known.line) for known in knowns if known.id and known.line)
        result.read += len(cells)
        progress(result.read)
    book.close()
    if writer.revision:
        count_anew(session, *GROWING)
    result.revision, result.editions = writer.revision, book.changed
    result.report.sort(key=lambda fault: fault.line or 0)


def _taken(reader: RowReader, rows: list[tuple[int, Sequence[str]]], result: ImportResult) -> Iterator[Row]:
    for line, cells in rows:
        row = reader.read(line, cells)
        if isinstance(row, Row):
            yield row
        else:
            result.report += row
            result.refused += 1
