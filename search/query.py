"""What may be asked of the search, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from search.documents import PUBLIC, Document

MAX_QUERY_CHARACTERS = 500  # several sentences; it bounds the work of one query
FLAG_FACETS = ("first_on_market", "green", "digital", "xkqz", "national")
CODED_FACETS = ("field", "district", "park")
FACETS = (
    "list",
    "field",
    "district",
    "year",
    "first_on_market",
    "green",
    "digital",
    "xkqz",
    "national",
    "park",
)

Sort = Literal["relevance", "date", "name"]
Value = str | int | bool | None


class QueryTooLongError(ValueError):
    """The query has more characters than one search takes."""

    parameter = "q"


def validate_query(text: str) -> str:
    """Return the query without outer blanks.

    Raises:
        QueryTooLongError: more than MAX_QUERY_CHARACTERS characters.
    """
    stripped = text.strip()
    if len(stripped) > MAX_QUERY_CHARACTERS:
        raise QueryTooLongError(
            f"检索词（q）最多 {MAX_QUERY_CHARACTERS} 个字符，现有 {len(stripped)} 个，请缩短后再试。"
        )
    return stripped


@dataclass(frozen=True, slots=True)
class Request:
    """One search: values of one filter are alternatives, `None` among them means not recorded."""

    q: str = ""
    filters: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    scopes: frozenset[str] = PUBLIC
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One product found; relevance is absent where nothing was asked."""

    document: Document
    relevance: float | None
    highlights: dict[str, str]

    @property
    def code(self) -> str:
        """Return the product's code."""
        return self.document.code


@dataclass(frozen=True, slots=True)
class Result:
    """The hits of one page; total and facets count all pages.

    `exact` of the total meet the whole of the query, in its own words or in one of the `others`.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, list[tuple[Value, int]]]
    strictness: Literal["all", "most"]
    corrected: str | None
    nearest: tuple[Hit, ...]
    exact: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to search for, or with a code a product to open."""

    text: str
    kind: Literal["product", "organization", "category"]
    code: str | None
