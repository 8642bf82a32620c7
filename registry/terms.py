"""The words of the interface for terms, enumerations and fields, in one place: `registry/data/terms.toml`.

`docs/glossary.md` is made from it. Keys are `<enumeration>.<member>` or `<record>.<field>`.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Term:
    """A label, what it means and where it comes from; `source` is empty for plain words."""

    label: str
    definition: str = ""
    source: str = ""


SHIPPED = Path(__file__).parent / "data" / "terms.toml"
_DIGITS = "〇一二三四五六七八九"
PARTS = frozenset(Term.__dataclass_fields__)


def _load() -> Iterator[tuple[str, Term]]:
    """Yield every term by its key, in the file's order; a bare text is a term with nothing but its label."""
    for name, rows in tomllib.loads(SHIPPED.read_text("utf-8")).items():
        members = {"": rows} if isinstance(rows, str) or set(rows) <= PARTS else rows
        for member, row in members.items():
            term = Term(row) if isinstance(row, str) else Term(**row)
            yield f"{name}.{member}".rstrip("."), term


TERMS: dict[str, Term] = dict(_load())


def of(member: StrEnum) -> Term:
    """Return the term of an enumeration's member; a missing one is a programming error (KeyError)."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(member).__name__).lower()
    return TERMS[f"{kind}.{member.value}"]


def label(member: StrEnum | None) -> str:
    """Return the label of a member, an empty string for none."""
    return of(member).label if member is not None else ""


def batch_name(year: int, batch: int) -> str:
    """Write a batch as official documents do: 2026年第一批, 2026年第十二批; from 100 on in Arabic numerals."""
    if not 0 < batch < 100:
        return f"{year}年第{batch}批"
    tens, ones = divmod(batch, 10)
    ten = "" if not tens else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return f"{year}年第{ten}{_DIGITS[ones] if ones else ''}批"


def glossary() -> str:
    """Return `docs/glossary.md`: every term with its meaning and source, by the key that the code uses."""
    rows = (f"| {term.label} | {term.definition} | {term.source} | `{key}` |" for key, term in TERMS.items())
    return "\n".join(
        (
            "# Glossary",
            "",
            "The words of the interface, made from `registry/data/terms.toml` by `make glossary`.",
            "",
            "| word | meaning | source | key |",
            "|---|---|---|---|",
            *rows,
            "",
        )
    )
