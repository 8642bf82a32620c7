"""Entries and listings as they stand while a batch of rows is judged, and what the batch makes of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog import entries
from catalog.importing.rows import Row
from catalog.numbers import ListingNumber
from registry.models import (
    Base,
    CatalogEntry,
    EntryKey,
    EntryVersion,
    KeyKind,
    ListCode,
    Listing,
    ListingStatus,
    NationalListing,
    PublicationScope,
)

NO_CONTENT: Mapping[str, Any] = dict.fromkeys(entries.CONTENT_FIELDS)
NO_FACTS: Mapping[str, Any] = dict.fromkeys(entries.FACT_FIELDS)


@dataclass(slots=True)
class Standing:
    """An entry's place in one list; `id` is None until it is written, `serial` until it is numbered."""

    list_code: ListCode
    year: int
    batch: int
    serial: int | None
    facts: dict[str, Any]
    id: int | None = None
    version: int = 0
    before: dict[str, Any] | None = None

    @property
    def is_dirty(self) -> bool:
        """Return whether there is something to write."""
        return self.id is None or self.before is not None

    @property
    def number(self) -> ListingNumber | None:
        """Return the listing's number, None while it has none."""
        return ListingNumber(self.list_code, self.year, self.batch, self.serial) if self.serial else None

    def merged(self, given: Mapping[str, Any], today: date) -> dict[str, Any]:
        """Return the facts with what a row says of them; a validity that is over or renewed moves the status."""
        after: dict[str, Any] = {**self.facts, **given}
        valid_until = after["valid_until"]
        is_over = bool(valid_until and valid_until < today)
        if after["status"] is ListingStatus.ACTIVE and is_over:
            after |= {"status": ListingStatus.EXPIRED, "status_on": entries.day_after(valid_until)}
        elif (
            after["status"] is ListingStatus.EXPIRED
            and not is_over
            and valid_until != self.facts["valid_until"]  # it may have ended with a device's registration
        ):
            after |= {"status": ListingStatus.ACTIVE, "status_on": today}
        return after


@dataclass(slots=True)
class Known:
    """An entry; `id` is None until it is written. `line` is where this file named it first."""

    content: dict[str, Any]
    scope: PublicationScope
    source_ref: str | None = None
    id: int | None = None
    code: str = ""
    version: int = 0
    version_row: int | None = None
    standings: dict[ListCode, Standing] = field(default_factory=dict)
    national: tuple[str, ...] = ()
    line: int | None = None
    keys: set[tuple[KeyKind, str]] = field(default_factory=set)
    new_keys: list[tuple[KeyKind, str]] = field(default_factory=list)
    content_changed: bool = False
    national_changed: bool = False
    source_changed: bool = False


class Lookup:
    """What the database knows of the keys of a batch of rows."""

    def __init__(self, session: Session, rows: Iterable[Row], *, lines: Mapping[int, int]) -> None:
        """Load it; `lines` tells in which line this file named an entry before."""
        rows = list(rows)
        self._session = session
        self._entries: dict[int, Known] = {}
        self.by_key: dict[tuple[KeyKind, str], Known] = {}
        wanted = {
            KeyKind.SOURCE: {row.source for row in rows if row.source},
            KeyKind.NUMBER: {row.number_text for row in rows if row.number_text},
            KeyKind.CONTENT: {row.content_key for row in rows},
        }
        found: dict[tuple[KeyKind, str], int] = {}
        for kind, values in wanted.items():
            if values:
                found |= {
                    (kind, value): entry_id
                    for value, entry_id in session.execute(
                        select(EntryKey.value, EntryKey.entry_id).where(
                            EntryKey.kind == kind, EntryKey.value.in_(values)
                        )
                    )
                }
        if wanted[KeyKind.NUMBER]:
            found |= {
                (KeyKind.NUMBER, number): entry_id
                for number, entry_id in session.execute(
                    select(Listing.number, Listing.entry_id).where(Listing.number.in_(wanted[KeyKind.NUMBER]))
                )
            }
        if found:
            self._load(set(found.values()), lines)
        self.by_key = {key: self._entries[entry_id] for key, entry_id in found.items()}
        for key, known in self.by_key.items():
            known.keys.add(key)

    def _load(self, ids: set[int], lines: Mapping[int, int]) -> None:
        # Columns, not records: what follows writes past the session, which must not remember the old state.
        for row in self._session.execute(
            select(
                CatalogEntry.id, CatalogEntry.code, CatalogEntry.scope, CatalogEntry.source_ref, EntryVersion.version,
                EntryVersion.id.label("version_row"), *_columns(EntryVersion, entries.CONTENT_FIELDS),
            )
            .join(
                EntryVersion,
                (EntryVersion.entry_id == CatalogEntry.id)
                & (EntryVersion.version == CatalogEntry.current_version),
            )
            .where(CatalogEntry.id.in_(ids))
        ).mappings():  # fmt: skip
            self._entries[row["id"]] = Known(
                content={name: row[name] for name in entries.CONTENT_FIELDS}, scope=row["scope"],
                source_ref=row["source_ref"], id=row["id"], code=row["code"], version=row["version"],
                version_row=row["version_row"], line=lines.get(row["id"]),
            )  # fmt: skip
        for row in self._session.execute(
            select(
                Listing.id, Listing.entry_id, Listing.list_code, Listing.year, Listing.batch, Listing.serial,
                Listing.version, *_columns(Listing, entries.FACT_FIELDS),
            )
            .where(Listing.entry_id.in_(ids))
            .order_by(Listing.id)
        ).mappings():  # fmt: skip
            self._entries[row["entry_id"]].standings[row["list_code"]] = Standing(
                row["list_code"], row["year"], row["batch"], row["serial"],
                {name: row[name] for name in entries.FACT_FIELDS}, row["id"], row["version"],
            )  # fmt: skip
        for entry_id, name in self._session.execute(
            select(NationalListing.entry_id, NationalListing.name)
            .where(NationalListing.entry_id.in_(ids))
            .order_by(NationalListing.id)
        ):
            self._entries[entry_id].national += (name,)


def _columns(model: type[Base], names: Iterable[str]) -> list[InstrumentedAttribute[Any]]:
    return [getattr(model, name) for name in names]


def first_facts(row: Row, today: date) -> dict[str, Any]:
    """Return the facts of a new listing, active until `Standing.merged` sees that its validity is over."""
    facts = {**NO_FACTS, **row.facts, "status": ListingStatus.ACTIVE}
    return facts | {"status_on": min(facts["recognised_on"] or facts["published_on"] or today, today)}
