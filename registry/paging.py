"""Pages of a list: the one asked for, its rows and the numbers to offer."""

from collections.abc import Sequence
from typing import Any

from flask import request

from registry.errors import RuleError


def page_number(*, name: str = "page") -> int:
    """Return the page asked for, from 1.

    Raises:
        RuleError: it is no positive number.
    """
    text = request.args.get(name, "1")
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 7 or int(text) < 1:
        raise RuleError("页码应为正整数。", parameter=name)
    return int(text)


class Page(Sequence[Any]):
    """One page of a list: its rows, its number and how many rows and pages there are."""

    def __init__(self, rows: Sequence[Any], *, number: int, per_page: int, total: int) -> None:
        """Keep the rows of page `number`, counted from 1."""
        self.rows, self.number, self.per_page, self.total = rows, number, per_page, total

    def __getitem__(self, index: Any) -> Any:
        """Return a row."""
        return self.rows[index]

    def __len__(self) -> int:
        """Return how many rows this page has."""
        return len(self.rows)

    @property
    def pages(self) -> int:
        """Return how many pages there are, at least 1."""
        return max(1, -(-self.total // self.per_page))

    def numbers(self, around: int = 2) -> list[int | None]:
        """Return the page numbers to offer; None stands for a gap."""
        wanted = sorted(
            {1, self.pages, *range(max(1, self.number - around), min(self.pages, self.number + around) + 1)}
        )
        shown: list[int | None] = []
        for number in wanted:
            if shown and number - (shown[-1] or 0) > 1:
                shown.append(None)
            shown.append(number)
        return shown
