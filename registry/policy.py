"""Policy is data: parameters with effective dates, a basis and a note. Shipped defaults stand in TOML files.

A file has one table per parameter: `["certificate.validity_days"]` with value, basis, note, assumed and, where known,
effective_from; or an array of such tables, the versions, oldest first. Packages add their files to `SHIPPED`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry import clock
from registry.models import PolicyParameter

DATA = Path(__file__).parent / "data"
SHIPPED: list[Path] = [DATA / f"{name}.toml" for name in ("policy", "rounds", "committee", "formal")]
ALWAYS = date(2000, 1, 1)
PENDING = "待定"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's value on a day, with where it comes from; `id` is the version that a record keeps."""

    id: int
    key: str
    value: Any
    basis_document: str
    source_note: str
    is_assumed: bool


def load_shipped(session: Session) -> None:
    """Insert shipped defaults for keys that have no value yet; what people set is left alone."""
    known = set(session.scalars(select(PolicyParameter.key)))
    for key, versions in _shipped_versions():
        ends = [row["effective_from"] for row in versions[1:]] + [None]
        for row, effective_to in zip(versions, ends, strict=True) if key not in known else ():
            session.add(
                PolicyParameter(
                    key=key,
                    value=row["value"],
                    effective_from=row.get("effective_from", ALWAYS),
                    effective_to=effective_to,
                    basis_document=row.get("basis", PENDING),
                    source_note=row.get("note", ""),
                    is_assumed=row["assumed"],
                    set_at=clock.now(),
                )
            )


def _shipped_versions() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in SHIPPED:
        for key, table in tomllib.loads(path.read_text("utf-8")).items():
            yield key, table if isinstance(table, list) else [table]


def parameter(session: Session, key: str, *, on: date | None = None) -> Parameter:
    """Return a parameter as it stands on a day (today unless told).

    Raises:
        KeyError: no value is in force on that day.
    """
    on = on or clock.today()
    row = session.scalars(
        select(PolicyParameter)
        .where(
            PolicyParameter.key == key,
            PolicyParameter.effective_from <= on,
            or_(PolicyParameter.effective_to.is_(None), PolicyParameter.effective_to > on),
        )
        .order_by(PolicyParameter.effective_from.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise KeyError(f"policy parameter {key!r} has no value on {on}")
    return Parameter(row.id, row.key, row.value, row.basis_document, row.source_note, row.is_assumed)


def value(session: Session, key: str, *, on: date | None = None) -> Any:
    """Return just the value of a parameter; see `parameter`."""
    return parameter(session, key, on=on).value


def in_force(session: Session, *, on: date | None = None) -> list[PolicyParameter]:
    """Return the row in force on a day (today unless told) of every parameter, by key."""
    on = on or clock.today()
    rows = session.scalars(
        select(PolicyParameter)
        .where(
            PolicyParameter.effective_from <= on,
            or_(PolicyParameter.effective_to.is_(None), PolicyParameter.effective_to > on),
        )
        .order_by(PolicyParameter.key, PolicyParameter.effective_from)
    )
    return list({row.key: row for row in rows}.values())


def freeze(session: Session) -> dict[str, Any]:
    """Return today's value and version of every parameter, as a round keeps them: `{key: {"id", "value"}}`."""
    return {row.key: {"id": row.id, "value": row.value} for row in in_force(session)}


def versions(session: Session, frozen: Mapping[str, Any]) -> list[PolicyParameter]:
    """Return the rows that a frozen set was taken from, by key."""
    ids = [row["id"] for row in frozen.values()]
    return list(
        session.scalars(
            select(PolicyParameter).where(PolicyParameter.id.in_(ids)).order_by(PolicyParameter.key)
        )
    )


def shipped() -> Mapping[str, Any]:
    """Return the latest version of every shipped parameter as the files write it, by key."""
    return {key: versions[-1] for key, versions in _shipped_versions()}
