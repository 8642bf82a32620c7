"""The answer: requirements by products, with the day, the versions and the words; the page, the files and what is kept read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from search.requirements import matching, parsing
from search.requirements.comparing import Fit
from search.requirements.facts import Product, Source
from search.requirements.findings import Finding
from search.requirements.headings import HEADING, is_heading

PRODUCTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Column:
    """A product as the table names it; `numbers` are those of its listings in force."""

    code: str
    name: str
    model: str
    organization: str
    version: int
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it was given, and what is said of each product."""

    number: int
    text: str
    findings: tuple[Finding, ...]

    @property
    def is_heading(self) -> bool:
        """Return whether the line asks for nothing."""
        return self.findings[:1] == (HEADING,)


@dataclass(frozen=True, slots=True)
class Table:
    """What was found on a day."""

    on: date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def asked(self) -> int:
        """Return how many lines ask for something."""
        return sum(not row.is_heading for row in self.rows)

    def count(self, place: int, verdict: Fit) -> int:
        """Return how many of the lines that ask for something have a verdict on the product at a place."""
        return sum(row.findings[place].verdict is verdict for row in self.rows if not row.is_heading)

    def as_json(self) -> dict[str, Any]:
        """Return the table as plain values."""
        return {
            "on": self.on.isoformat(),
            "products": [
                {
                    "code": column.code, "name": column.name, "model": column.model,
                    "organization": column.organization, "version": column.version, "numbers": list(column.numbers),
                }
                for column in self.columns
            ],
            "rows": [
                {
                    "text": row.text,
                    "findings": [
                        {
                            "verdict": finding.verdict.value,
                            "sources": [[each.field, each.words, each.document] for each in finding.sources],
                            "reason": finding.reason,
                        }
                        for finding in row.findings
                    ],
                }
                for row in self.rows
            ],
        }  # fmt: skip

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the table that `as_json` wrote."""
        return cls(
            date.fromisoformat(content["on"]),
            tuple(
                Column(**{**product, "numbers": tuple(product["numbers"])}) for product in content["products"]
            ),
            tuple(
                Row(
                    number,
                    row["text"],
                    tuple(
                        Finding(
                            Fit(each["verdict"]),
                            tuple(Source(*source) for source in each["sources"]),
                            each["reason"],
                        )
                        for each in row["findings"]
                    ),
                )
                for number, row in enumerate(content["rows"], 1)
            ),
        )


def build(lines: Sequence[str], products: Sequence[tuple[Column, Product]], *, on: date) -> Table:
    """Match each line with each product as they stand on a day."""
    rows = []
    for number, line in enumerate(lines, 1):
        read = parsing.requirement(number, line)
        if is_heading(read):
            findings = (HEADING,) * len(products)
        else:
            findings = tuple(matching.match(read, product, today=on) for _, product in products)
        rows.append(Row(number, line, findings))
    return Table(on, tuple(column for column, _ in products), tuple(rows))
