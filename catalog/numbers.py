"""Listing numbers, `CX-2026-01-0042`: list, year, batch and serial. A number never changes and is never reused."""

import re
import unicodedata
from dataclasses import dataclass

from registry.models import ListCode

FIRST_YEAR = 1949  # no Shanghai list is older than the city's present government
BATCH_MAX = 99  # a batch has two digits in the number
SERIAL_DIGITS_MAX = 9  # a serial is kept in a 32-bit column

_PATTERN = re.compile(rf"([A-Z]{{2}})-(\d{{4}})-(\d{{2}})-(\d{{4,{SERIAL_DIGITS_MAX}}})")


@dataclass(frozen=True, slots=True)
class ListingNumber:
    """The parts of a listing number."""

    list_code: ListCode
    year: int
    batch: int
    serial: int

    def __str__(self) -> str:
        """Write the number; the serial has at least four digits."""
        return f"{self.list_code}-{self.year}-{self.batch:02}-{self.serial:04}"

    @property
    def counter(self) -> str:
        """Return the name of the counter from which the serial comes."""
        return counter_name(self.list_code, self.year, self.batch)

    @classmethod
    def parse(cls, text: str) -> "ListingNumber | None":
        """Read a number in any case and width; None when it is not one of ours."""
        written = unicodedata.normalize("NFKC", text).strip().upper()
        match = _PATTERN.fullmatch(written)
        if match is None or match[1] not in ListCode.__members__:
            return None
        number = cls(ListCode(match[1]), int(match[2]), int(match[3]), int(match[4]))
        return number if number.batch and number.serial and str(number) == written else None


def counter_name(list_code: ListCode, year: int, batch: int) -> str:
    """Return the name of the counter that numbers the listings of one batch of one list."""
    return f"listing.{list_code}-{year}-{batch:02}"
