"""What an import answers: figures, and the report of what was not taken."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.importing.rows import Fault
from registry import spreadsheets

REPORT_HEADERS = ("行", "列", "值", "原因")


@dataclass(slots=True)
class ImportResult:
    """Figures of an import; `read` = created + changed + unchanged + refused rows.

    `base_revision` is the catalog's revision that the file was judged against, `revision` the one it made, None when it
    changed nothing. `hints` tells the lines of taken rows that the office may look at again, by the hint's code.
    """

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    unknown_columns: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    base_revision: int = 0
    revision: int | None = None
    hints: dict[str, list[int]] = field(default_factory=dict)
    report: list[Fault] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Return how many rows the catalog holds now, changed or not."""
        return self.created + self.changed + self.unchanged


def report_csv(report: Iterable[Fault]) -> bytes:
    """Return a report as CSV."""
    rows = ((fault.line or None, fault.column, fault.value, fault.reason) for fault in report)
    return spreadsheets.csv_bytes((REPORT_HEADERS, *rows))
