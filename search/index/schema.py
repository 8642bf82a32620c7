"""What is indexed: the searched fields, the columns and the stored document."""

from __future__ import annotations

import dataclasses
from functools import cache
from hashlib import sha256
from typing import Any

from whoosh import columns, fields
from whoosh.analysis import SpaceSeparatedTokenizer

from search.analysis import compact, fold, heads, number_forms, spoken, unit_sounds, version_name
from search.documents import LISTS, SCOPES, Document, to_stored
from search.index.codec import LAYOUT
from search.index.weights import text_terms
from search.query import CODED_FACETS, FLAG_FACETS

INDEX_NAME = "MAIN"
TEXT_FIELD = "text"  # every term of a product, with its weight and where it stands
HEAD_FIELD = "head"  # what the name ends in
SOUND_FIELD = "sound"  # how the words of the name and of the unit's name sound
TERM_FIELDS = (TEXT_FIELD, HEAD_FIELD, SOUND_FIELD)

FLAGS = (None, False, True)  # a flag by its number in the column

COLUMNS: dict[str, columns.Column] = {
    "code_column": columns.VarBytesColumn(),
    "numbers_column": columns.VarBytesColumn(),
    "name_key": columns.VarBytesColumn(),
    "organization_column": columns.VarBytesColumn(),
    "category_column": columns.VarBytesColumn(),
    **{f"{name}_column": columns.RefBytesColumn() for name in CODED_FACETS},
    "year_column": columns.NumericColumn("i"),
    **{f"{name}_column": columns.NumericColumn("B") for name in FLAG_FACETS},
    "lists_column": columns.NumericColumn("B"),
    "scope_column": columns.NumericColumn("B"),
    "listed_on_column": columns.NumericColumn("i"),
}


def schema() -> fields.Schema:
    """Describe the index to Whoosh; the terms come from our analysis, never from Whoosh's."""
    searched = {name: fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False) for name in TERM_FIELDS}
    return fields.Schema(
        code=fields.ID(unique=True),
        document=fields.STORED(),
        **searched,
        **{name: fields.COLUMN(column) for name, column in COLUMNS.items()},
    )


@cache
def format_name() -> str:
    """Name all that decides what an index holds; one of another name is made anew."""
    held = (*TERM_FIELDS, *COLUMNS, *(field.name for field in dataclasses.fields(Document)))
    return f"{version_name()}-{LAYOUT}-{sha256(' '.join(held).encode()).hexdigest()[:8]}"


def field_terms(document: Document) -> dict[str, dict[str, int]]:
    """Return the terms of each field with the number that is kept beside each."""
    name = fold(document.name)
    return {
        TEXT_FIELD: text_terms(document),
        HEAD_FIELD: heads(name),
        SOUND_FIELD: dict.fromkeys([*spoken(name), *unit_sounds(fold(document.organization or ""))], 1),
    }


def numbers(document: Document) -> set[str]:
    """Return the numbers by which a product is known: of its registration, its listings, its unit and its record."""
    held = (document.registration_number, *(listed.number for listed in document.lists))
    codes = (document.code, document.source_ref, document.credit_code)
    whole = {compact(fold(code)) for code in codes if code}
    return whole.union(*(number_forms(number) for number in held if number))


def column_values(document: Document) -> dict[str, Any]:
    """Return the value of each column."""
    return {
        "code_column": document.code.encode(),
        "numbers_column": " ".join(sorted(numbers(document))).encode(),
        "name_key": _bytes(fold(document.name)),
        "organization_column": _bytes(document.organization),
        "category_column": _bytes(document.category),
        **{f"{name}_column": _bytes(getattr(document, name)) for name in CODED_FACETS},
        "year_column": document.year or 0,
        **{f"{name}_column": FLAGS.index(getattr(document, name)) for name in FLAG_FACETS},
        "lists_column": sum(1 << LISTS.index(name) for name in {listed.list for listed in document.lists}),
        "scope_column": SCOPES.index(document.scope),
        "listed_on_column": document.listed_on.toordinal() if document.listed_on else 0,
    }


def _bytes(text: str | None) -> bytes:
    return (text or "").encode("utf-8", "replace")


def stored_value(document: Document) -> tuple[Any, ...]:
    """Return what is kept of the document to show it and to compare it with the database."""
    return to_stored(document)
