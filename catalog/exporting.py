"""Tables of listings as XLSX, CSV or JSON, with the columns that an import reads and the status."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import IO

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from catalog.importing.columns import CONTENT, DEVICE, READ, STATUS
from catalog.models import Edition, EditionItem
from registry import clock, spreadsheets, taxonomy
from registry.errors import RuleError
from registry.models import (
    CatalogEntry,
    EntryVersion,
    ListCode,
    Listing,
    ListingStatus,
    NationalListing,
    NodeKind,
    PublicationScope,
)
from registry.terms import label

COLUMNS = (*READ, STATUS)
NUMBERS = frozenset({"年份", "批次"})
"""Columns that a spreadsheet and JSON get as numbers."""

ROWS_AT_ONCE = 1_000  # rows fetched together
WIDTHS = {
    "产品名称": 36,
    "申报单位": 30,
    "适用范围": 60,
    "注册人": 30,
    "受托生产企业": 30,
    "产品简介": 60,
    "统一社会信用代码": 22,
    "目录编号": 18,
}  # in characters
USUAL_WIDTH = 14

Record = Mapping[str, str | int | None]


def current(
    session: Session, *, scopes: Collection[PublicationScope], list_code: ListCode | None = None
) -> Iterator[Record]:
    """Yield the active listings within the scopes, of one list or of all, in the order of their numbers."""
    query = _active(scopes)
    if list_code is not None:
        query = query.where(Listing.list_code == list_code)
    return _records(session, session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)))


def products(
    session: Session, codes: Sequence[str], *, scopes: Collection[PublicationScope]
) -> Iterator[Record]:
    """Yield the active listings of products within the scopes, in the order of the codes."""
    ids = select(CatalogEntry.id, CatalogEntry.code).where(CatalogEntry.code.in_(codes))
    place = {code: position for position, code in enumerate(codes)}
    order = {entry_id: place[code] for entry_id, code in session.execute(ids)}
    rows = session.execute(_active(scopes).where(CatalogEntry.code.in_(codes))).all()
    return _records(session, sorted(rows, key=lambda row: order[row[0]]))


def edition(session: Session, shown: Edition, *, scopes: Collection[PublicationScope]) -> Iterator[Record]:
    """Yield the lines of an edition's current version within the scopes, in printed order, as they were cut."""
    query = (
        select(CatalogEntry.id, CatalogEntry.source_ref, Listing, EntryVersion)
        .join(Listing, Listing.entry_id == CatalogEntry.id)
        .join(EditionItem, EditionItem.listing_id == Listing.id)
        .join(EntryVersion, EntryVersion.id == EditionItem.entry_version_id)
        .where(
            EditionItem.edition_id == shown.id, EditionItem.until.is_(None), CatalogEntry.scope.in_(scopes)
        )
        .order_by(EditionItem.position)
    )
    return _records(session, session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)))


def write(records: Iterator[Record], out: IO[bytes], *, name: str) -> int:
    """Write records in the form that a file's name asks for by its ending; return how many.

    Raises:
        RuleError: no such form, or a cell does not fit into it.
    """
    return writer_for(name)(records, out)


def writer_for(name: str) -> Callable[[Iterator[Record], IO[bytes]], int]:
    """Return what writes the form that a file's name asks for.

    Raises:
        RuleError: there is no such form.
    """
    ending = PurePath(name).suffix.lower()
    if ending not in WRITERS:
        raise RuleError("只能导出 .xlsx、.csv 或 .json 文件。", parameter="OUT")
    return WRITERS[ending]


def _active(scopes: Collection[PublicationScope]) -> Select[int, str | None, Listing, EntryVersion]:
    return (
        select(CatalogEntry.id, CatalogEntry.source_ref, Listing, EntryVersion)
        .join(Listing, Listing.entry_id == CatalogEntry.id)
        .join(
            EntryVersion,
            (EntryVersion.entry_id == CatalogEntry.id)
            & (EntryVersion.version == CatalogEntry.current_version),
        )
        .where(Listing.status == ListingStatus.ACTIVE, CatalogEntry.scope.in_(scopes))
        .order_by(Listing.list_code, Listing.year, Listing.batch, Listing.serial)
    )


def _records(
    session: Session, rows: Iterable[Row[int, str | None, Listing, EntryVersion]]
) -> Iterator[Record]:
    fields = taxonomy.labels(session, NodeKind.FIELD)
    districts = taxonomy.labels(session, NodeKind.DISTRICT)
    national: dict[int, list[str]] = {}
    for entry_id, name in session.execute(
        select(NationalListing.entry_id, NationalListing.name).order_by(NationalListing.id)
    ):
        national.setdefault(entry_id, []).append(name)
    for entry_id, source_ref, listing, version in rows:
        record: dict[str, str | int | None] = dict.fromkeys(COLUMNS)
        record |= {column: getattr(version, name) for column, name in CONTENT.items()}
        record |= {column: _worded((version.device or {}).get(name)) for column, name in DEVICE.items()}
        record["产业领域"] = version.field_text or fields.of(version.field)
        record["所在区"] = version.district_text or districts.of(version.district)
        yield record | {
            "来源编号": source_ref,
            "目录编号": listing.number,
            "年份": listing.recorded_year,
            "批次": listing.batch,
            "首次投放市场": _finding(listing.first_on_market, listing.first_on_market_as_of),
            "认定日期": _day(listing.recognised_on),
            "有效期至": _day(listing.valid_until),
            "发布文件": listing.document,
            "发布日期": _day(listing.published_on),
            "国家级目录": "；".join(national.get(entry_id, ())) or None,
            STATUS: label(listing.status),
        }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _worded(value: bool | str | None) -> str | None:
    return ("否", "是")[value] if isinstance(value, bool) else value


def _finding(is_first: bool | None, as_of: date | None) -> str | None:
    words = _worded(is_first)
    return f"{words}（基准日 {as_of}）" if words and as_of else words


def _write_csv(records: Iterator[Record], out: IO[bytes]) -> int:
    count = 0
    with spreadsheets.csv_table(out) as write:
        write(COLUMNS)
        for count, record in enumerate(records, 1):  # noqa: B007 - the count is the answer
            write(record[column] for column in COLUMNS)
    return count


def _write_json(records: Iterator[Record], out: IO[bytes]) -> int:
    head = json.dumps({"as_of": clock.today().isoformat(), "columns": COLUMNS}, ensure_ascii=False)
    out.write(head[:-1].encode() + b', "rows": [')
    count = 0
    for count, record in enumerate(records, 1):
        row = json.dumps([record[column] for column in COLUMNS], ensure_ascii=False)
        out.write((b",\n" if count > 1 else b"\n") + row.encode("utf-8", "replace"))
    out.write(b"\n]}\n")
    return count


def _write_xlsx(records: Iterator[Record], out: IO[bytes]) -> int:
    widths = [WIDTHS.get(column, USUAL_WIDTH) for column in COLUMNS]
    count = 0
    with spreadsheets.workbook(out, "目录", widths, is_list=True) as sheet:
        sheet.head(COLUMNS)
        for count, record in enumerate(records, 1):  # noqa: B007 - the count is the answer
            sheet.line(_fitting(record, column) for column in COLUMNS)
    return count


def _fitting(record: Record, column: str) -> str | int | None:
    value = record[column]
    most = spreadsheets.XLSX_CELL_MAX
    # Few are near the limit; only of them is it worth knowing whether an apostrophe comes before.
    if isinstance(value, str) and len(value) >= most and len(spreadsheets.xlsx_text(value)) > most:
        raise RuleError(
            f"{record['目录编号']} 的“{column}”超过 {most:,} 字，XLSX 单元格容纳不下，请导出为 .csv 或 .json。",
            parameter="OUT",
        )
    return value


WRITERS: Mapping[str, Callable[[Iterator[Record], IO[bytes]], int]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".xlsx": _write_xlsx,
}
