"""Write what a batch of rows was judged to mean, in few statements."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from catalog import entries
from catalog.bulk import allot_ids, insert_all, table_of
from catalog.editions import Book, Line
from catalog.importing.hints import hints_of
from catalog.importing.known import Known, Standing
from catalog.numbers import ListingNumber, counter_name
from registry import clock, counters
from registry.models import (
    CatalogEntry,
    EntryKey,
    EntryVersion,
    Listing,
    ListingVersion,
    NationalListing,
    PublicationScope,
)


class Writer:
    """Write batches of one import, all under one revision, taken with the first change."""

    def __init__(self, session: Session, book: Book) -> None:
        """Keep where to write."""
        self._session, self._book = session, book
        self.revision: int | None = None

    def write(self, touched: Sequence[tuple[Known, Standing]], keyed: Iterable[Known]) -> None:
        """Write entries, listings, keys and lines of editions; `keyed` are those named under further keys."""
        if touched:
            self.revision = self.revision or entries.next_revision(self._session)
            now = clock.now()
            knowns = list({id(known): known for known, _ in touched}.values())
            is_changed = {id(known) for known in knowns if known.content_changed and known.id is not None}
            self._write_entries(knowns, now)
            self._write_national(knowns)
            self._write_listings(touched, is_changed, now)
        self._write_keys(keyed)

    def _write_entries(self, knowns: Sequence[Known], now: datetime) -> None:
        new = [known for known in knowns if known.id is None]
        old = [known for known in knowns if known.id is not None]
        versioned = [known for known in knowns if known.content_changed]
        if new:
            first = counters.take(self._session, entries.CODE_COUNTER, len(new))
            ids = allot_ids(self._session, CatalogEntry, len(new))
            for serial, (known, known_id) in enumerate(zip(new, ids, strict=True), first):
                known.id, known.code = known_id, entries.entry_code(serial)
        version_ids = allot_ids(self._session, EntryVersion, len(versioned))
        for known, version_id in zip(versioned, version_ids, strict=True):
            known.version_row, known.version = version_id, known.version + 1
        insert_all(self._session, CatalogEntry, [
            {
                "id": known.id, "code": known.code, "source_ref": known.source_ref, "scope": known.scope,
                "current_version": known.version, "revision": self.revision, "created_at": now, "version_id": 1,
            }
            for known in new
        ])  # fmt: skip
        insert_all(self._session, EntryVersion, [
            {
                **known.content, "id": known.version_row, "entry_id": known.id, "version": known.version,
                "hints": hints_of(known.content), "content_hash": entries.content_hash(known.content), "created_at": now,
            }
            for known in versioned
        ])  # fmt: skip
        if old:
            entry = table_of(CatalogEntry)
            self._session.connection().execute(
                update(entry)
                .where(entry.c.id == bindparam("at"))
                .values(
                    current_version=bindparam("to_version"), source_ref=bindparam("to_source"),
                    revision=self.revision, version_id=entry.c.version_id + 1,
                ),
                [{"at": known.id, "to_version": known.version, "to_source": known.source_ref} for known in old],
            )  # fmt: skip

    def _write_national(self, knowns: Sequence[Known]) -> None:
        for known in (known for known in knowns if known.national_changed):
            there = set(
                self._session.scalars(
                    select(NationalListing.name).where(NationalListing.entry_id == known.id)
                )
            )
            if gone := there - set(known.national):
                self._session.execute(
                    delete(NationalListing).where(
                        NationalListing.entry_id == known.id, NationalListing.name.in_(gone)
                    )
                )
            if come := [name for name in known.national if name not in there]:
                self._session.execute(
                    insert(NationalListing), [{"entry_id": known.id, "name": name} for name in come]
                )

    def _write_listings(
        self, touched: Sequence[tuple[Known, Standing]], changed: set[int], now: datetime
    ) -> None:
        new = [(known, standing) for known, standing in touched if standing.id is None]
        old = [(known, standing) for known, standing in touched if standing.id is not None]
        self._number([standing for _, standing in new])
        ids = allot_ids(self._session, Listing, len(new))
        for (_, standing), listing_id in zip(new, ids, strict=True):
            standing.id, standing.version = listing_id, 1
        insert_all(self._session, Listing, [
            {
                **standing.facts, "id": standing.id, "entry_id": known.id, "list": standing.list_code,
                "year": standing.year, "batch": standing.batch, "serial": standing.serial,
                "number": str(standing.number), "version": 1, "created_at": now, "version_id": 1,
            }
            for known, standing in new
        ])  # fmt: skip
        corrected = [pair for pair in old if pair[1].before is not None]
        if corrected:
            for _, standing in corrected:
                standing.version += 1
            listing = table_of(Listing)
            self._session.connection().execute(
                update(listing)
                .where(listing.c.id == bindparam("at"))
                .values(
                    version=bindparam("to_version"), version_id=listing.c.version_id + 1,
                    **{name: bindparam(f"to_{name}") for name in entries.FACT_FIELDS},
                ),
                [
                    {"at": standing.id, "to_version": standing.version}
                    | {f"to_{name}": value for name, value in standing.facts.items()}
                    for _, standing in corrected
                ],
            )  # fmt: skip
        insert_all(self._session, ListingVersion, [
            {
                "listing_id": standing.id, "version": standing.version, "from_at": now,
                "facts": entries.plain_facts(standing.facts),
            }
            for _, standing in (*new, *corrected)
        ])  # fmt: skip
        self._write_editions(new, [pair for pair in old if id(pair[0]) in changed], corrected)

    def _number(self, standings: Sequence[Standing]) -> None:
        waiting: dict[tuple[Any, int, int], list[Standing]] = {}
        for standing in standings:
            if standing.serial is None:
                waiting.setdefault((standing.list_code, standing.year, standing.batch), []).append(standing)
        for key, group in waiting.items():
            first = counters.take(self._session, counter_name(*key), len(group))
            for serial, standing in enumerate(group, first):
                standing.serial = serial

    def _write_editions(
        self,
        new: Sequence[tuple[Known, Standing]],
        replaced: Sequence[tuple[Known, Standing]],
        corrected: Sequence[tuple[Known, Standing]],
    ) -> None:
        for key, group in _by_edition(new).items():
            told = {
                name: next((s.facts[name] for _, s in group if s.facts[name]), None)
                for name in ("document", "published_on")
            }
            self._book.add(key, [_line(known, standing) for known, standing in group], told)
        for key, group in _by_edition(replaced).items():
            self._book.replace(key, [_line(known, standing) for known, standing in group])
        for known, standing in corrected:
            if known.scope is not PublicationScope.PUBLIC:
                continue  # the edition's own document and day are public
            before = standing.before or {}
            for name in ("document", "published_on"):
                if standing.facts[name] != before[name]:
                    self._book.correct(
                        (standing.list_code, standing.year, standing.batch), name,
                        old=before[name], new=standing.facts[name],
                    )  # fmt: skip

    def _write_keys(self, knowns: Iterable[Known]) -> None:
        insert_all(self._session, EntryKey, [
            {"kind": kind, "value": value, "entry_id": known.id}
            for known in knowns
            for kind, value in known.new_keys
        ])  # fmt: skip


def reserve(session: Session, numbers: Iterable[ListingNumber]) -> None:
    """Make sure that numbers which a file brings along are not given to its other rows, or later."""
    for number in sorted(numbers, key=str):
        counters.raise_to(session, number.counter, number.serial)


def _line(known: Known, standing: Standing) -> Line:
    assert standing.id is not None  # noqa: S101 - for the type checker; both were just written
    assert known.version_row is not None  # noqa: S101
    return Line(standing.id, known.version_row, known.scope is not PublicationScope.PUBLIC)


def _by_edition(
    pairs: Sequence[tuple[Known, Standing]],
) -> dict[tuple[Any, int, int], list[tuple[Known, Standing]]]:
    groups: dict[tuple[Any, int, int], list[tuple[Known, Standing]]] = {}
    for known, standing in pairs:
        groups.setdefault((standing.list_code, standing.year, standing.batch), []).append((known, standing))
    return groups
