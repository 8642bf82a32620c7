"""Editions as imports and rounds make them: a version grows once for all that one transaction adds or corrects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog.bulk import insert_all
from catalog.models import Edition, EditionItem, EditionOrigin
from registry import clock
from registry.models import CatalogEntry, ListCode, Listing, PublicationScope

Key = tuple[ListCode, int, int]
"""List, year, batch."""

STEP = 500  # ids in one IN clause

LAST = 1_000_000_000  # where restricted lines stand until `close` numbers them after the public ones


@dataclass(frozen=True, slots=True)
class Line:
    """A listing with the version of its entry that the edition shows."""

    listing_id: int
    entry_version_id: int
    is_restricted: bool


def slug(list_code: ListCode, year: int, batch: int) -> str:
    """Return an edition's id as addresses and commands write it."""
    return f"{list_code}-{year}-{batch:02}"


class Book:
    """The editions during one transaction: `add` and `replace` lines, then `close` once."""

    def __init__(self, session: Session, *, origin: EditionOrigin = EditionOrigin.IMPORT) -> None:
        """Look up what editions there are; new ones are of `origin`."""
        self._session, self._origin = session, origin
        self._editions = {
            (edition.list_code, edition.year, edition.batch): edition
            for edition in session.scalars(select(Edition))
        }
        self._last: dict[Key, int] = {}  # of editions changed here: the position of the last public line

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the slugs of the editions changed so far."""
        return tuple(sorted(self._editions[key].slug for key in self._last))

    def batches(self, list_code: ListCode, year: int) -> set[int]:
        """Return the batches of a list's year that have an edition."""
        return {key[2] for key in self._editions if key[:2] == (list_code, year)}

    def is_closed(self, key: Key) -> bool:
        """Return whether a round published the edition, so that no import may change it."""
        return key in self._editions and self._editions[key].origin is EditionOrigin.ROUND

    def add(self, key: Key, lines: Sequence[Line], facts: Mapping[str, Any]) -> None:
        """Append lines; `facts` may tell the document and day of publication that the edition lacks."""
        edition = self._open(key)
        if not all(line.is_restricted for line in lines):  # anybody sees the edition's own facts
            edition.document = edition.document or facts.get("document")
            edition.published_on = edition.published_on or facts.get("published_on")
        rows = []
        for line in lines:
            if line.is_restricted:
                position = LAST
            else:
                position = self._last[key] = self._last[key] + 1
            rows.append(self._row(edition, line, position))
        insert_all(self._session, EditionItem, rows)

    def replace(self, key: Key, lines: Sequence[Line]) -> None:
        """Show other versions of entries for listings in the edition; what is not in it yet is added."""
        edition = self._open(key)
        positions = self._end(edition, [line.listing_id for line in lines])
        kept = [line for line in lines if line.listing_id in positions]
        insert_all(
            self._session,
            EditionItem,
            [self._row(edition, line, positions[line.listing_id]) for line in kept],
        )
        if missing := [line for line in lines if line.listing_id not in positions]:
            self.add(key, missing, {})

    def correct(self, key: Key, name: str, *, old: Any, new: Any) -> None:
        """Correct the edition's document or day where it stood under the value that a listing's row corrects."""
        edition = self._editions.get(key)
        if edition is not None and new is not None and getattr(edition, name) == old:
            setattr(self._open(key), name, new)

    def close(self) -> None:
        """Number the restricted lines of the changed editions after the public ones."""
        for key, last in self._last.items():
            edition = self._editions[key]
            items = self._session.execute(
                select(
                    EditionItem.id, EditionItem.since, EditionItem.position, EditionItem.listing_id,
                    EditionItem.entry_version_id,
                )
                .join(Listing, Listing.id == EditionItem.listing_id)
                .join(CatalogEntry, CatalogEntry.id == Listing.entry_id)
                .where(
                    EditionItem.edition_id == edition.id,
                    EditionItem.until.is_(None),
                    CatalogEntry.scope != PublicationScope.PUBLIC,
                )
                .order_by(EditionItem.position, EditionItem.id)
            ).all()  # fmt: skip
            moved = [(place, item) for place, item in enumerate(items, last + 1) if item.position != place]
            older = [(place, item) for place, item in moved if item.since < edition.version]
            self._end(edition, [item.listing_id for _, item in older])
            insert_all(self._session, EditionItem, [
                self._row(edition, Line(item.listing_id, item.entry_version_id, True), place)
                for place, item in older
            ])  # fmt: skip
            for place, item in moved:
                if item.since == edition.version:
                    self._session.execute(
                        update(EditionItem).where(EditionItem.id == item.id).values(position=place)
                    )
        self._session.flush()

    def _open(self, key: Key) -> Edition:
        edition = self._editions.get(key)
        if edition is None:
            now = clock.now()
            edition = Edition(
                list_code=key[0], year=key[1], batch=key[2], origin=self._origin, version=1,
                created_at=now, changed_at=now,
            )  # fmt: skip
            self._session.add(edition)
            self._session.flush()  # its lines point at it
            self._editions[key], self._last[key] = edition, 0
        elif key not in self._last:
            edition.version += 1
            edition.changed_at = clock.now()
            self._last[key] = self._last_public(edition)
        return edition

    def _last_public(self, edition: Edition) -> int:
        return (
            self._session.scalar(
                select(func.max(EditionItem.position))
                .join(Listing, Listing.id == EditionItem.listing_id)
                .join(CatalogEntry, CatalogEntry.id == Listing.entry_id)
                .where(
                    EditionItem.edition_id == edition.id,
                    EditionItem.until.is_(None),
                    CatalogEntry.scope == PublicationScope.PUBLIC,
                )
            )
            or 0
        )

    def _end(self, edition: Edition, listing_ids: Sequence[int]) -> dict[int, int]:
        """End the current lines of listings before this version; return their positions."""
        positions: dict[int, int] = {}
        for ids in chunks(listing_ids):
            current = (
                EditionItem.edition_id == edition.id,
                EditionItem.listing_id.in_(ids),
                EditionItem.until.is_(None),
            )
            positions |= dict(
                self._session.execute(
                    select(EditionItem.listing_id, EditionItem.position).where(*current)
                ).all()
            )
            self._session.execute(
                update(EditionItem)
                .where(*current)
                .values(until=edition.version)
                .execution_options(synchronize_session=False)
            )
        return positions

    def _row(self, edition: Edition, line: Line, position: int) -> dict[str, Any]:
        return {
            "edition_id": edition.id, "position": position, "listing_id": line.listing_id,
            "entry_version_id": line.entry_version_id, "since": edition.version, "until": None,
        }  # fmt: skip


def chunks(ids: Sequence[Any], size: int = STEP) -> Iterable[Sequence[Any]]:
    """Cut a sequence into pieces that fit into one statement."""
    return (ids[start : start + size] for start in range(0, len(ids), size))
