"""What the index knows of a product: plain values, free of the database."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

LISTS = ("CX", "TZ", "PC", "RJ")
SCOPES = ("public", "verified_buyers", "not_published")
PUBLIC = frozenset({"public"})


@dataclass(frozen=True, slots=True)
class ListedIn:
    """One active listing of a product."""

    list: str
    number: str
    valid_until: date | None
    status: str


@dataclass(frozen=True, slots=True)
class Document:
    """One product as the search sees it; `lists` holds active listings only."""

    code: str
    name: str
    source_ref: str | None = None
    model: str | None = None
    brand: str | None = None
    organization: str | None = None
    credit_code: str | None = None
    other_names: str | None = None  # that the unit bears or bore beside the published one
    category: str | None = None
    summary: str | None = None
    registration_number: str | None = None
    field: str | None = None
    district: str | None = None
    year: int | None = None
    first_on_market: bool | None = None
    green: bool | None = None
    digital: bool | None = None
    xkqz: bool | None = None
    national: bool | None = None
    park: str | None = None
    lists: tuple[ListedIn, ...] = ()
    scope: str = "public"
    listed_on: date | None = None
    revision: int = 0


_COLUMNS = tuple(field.name for field in fields(Document))
_LISTS = _COLUMNS.index("lists")


def to_stored(document: Document) -> tuple[Any, ...]:
    """Flatten a document to builtin values, so that the index pickles no class of ours."""
    values: list[Any] = [getattr(document, name) for name in _COLUMNS]
    values[_LISTS] = tuple(
        (listed.list, listed.number, listed.valid_until, listed.status) for listed in document.lists
    )
    return tuple(values)


def from_stored(values: tuple[Any, ...]) -> Document:
    """Rebuild the document that `to_stored` flattened."""
    named = list(values)
    named[_LISTS] = tuple(ListedIn(*each) for each in values[_LISTS])
    return Document(*named)
