"""Files as offices make them, built in the test."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
import pytest

from catalog.importing.report import ImportResult
from catalog.importing.services import ImportOptions, import_file
from registry.db import Database

Rows = list[Mapping[str, Any]]


def csv_of(rows: Rows, *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Write rows under the headers that occur in them."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headers, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Rows, *more_sheets: str) -> bytes:
    """Write rows to the first sheet of a workbook."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    book = openpyxl.Workbook()
    book.active.append(headers)
    for row in rows:
        book.active.append([row.get(header) for header in headers])
    for name in more_sheets:
        book.create_sheet(name).append(["产品名称"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def import_rows(database: Database) -> Callable[..., ImportResult]:
    """Return a function that imports rows, given as dictionaries, as a CSV file."""

    def run(*rows: Mapping[str, Any], **options: Any) -> ImportResult:
        return import_file(database, csv_of(list(rows)), name="rows.csv", options=ImportOptions(**options))

    return run
