"""One state of the whole index, and what one kind of asker may see of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from search.documents import SCOPES, Document
from search.index.schema import INDEX_NAME, MATCHED_FIELDS, TEXT_FIELDS, WORDS_FIELD
from search.index.segment import Coded, Numbers, Postings, Segment, Weights

Mask = NDArray[np.bool_]

FIELD_WEIGHTS = {
    "name": 4.0,
    "model": 4.0,
    "brand": 2.0,
    "organization": 2.0,
    "category": 1.5,
    "registration_number": 2.0,
    "summary": 1.0,
    WORDS_FIELD: 1.0,
}
LENGTH_SHARE = 0.75  # the b of BM25
CACHED_POSTINGS = 2_000_000  # 16 bytes each


class Snapshot:
    """All documents of one generation, numbered through its segments; immutable, safe for several threads."""

    def __init__(self, segments: list[Segment], deleted: Mask) -> None:
        self.segments = segments
        self.alive = ~deleted
        self.size = len(deleted)
        self._offsets = np.cumsum([0, *(segment.size for segment in segments)])
        self.codes: list[str] = list(chain.from_iterable(segment.codes for segment in segments))
        self.names: list[str] = list(chain.from_iterable(segment.names for segment in segments))
        self.organizations: list[str] = list(
            chain.from_iterable(segment.organizations for segment in segments)
        )
        self.categories: list[str] = list(chain.from_iterable(segment.categories for segment in segments))
        self.fields = _joined([segment.fields for segment in segments])
        self.districts = _joined([segment.districts for segment in segments])
        self.years = _concatenated(segment.years for segment in segments)
        self.flags = _concatenated(segment.flags for segment in segments)
        self.lists = _concatenated(segment.lists for segment in segments)
        self.scopes = _concatenated(segment.scopes for segment in segments)
        self.listed_on = _concatenated(segment.listed_on for segment in segments)
        self.lengths = {
            name: np.concatenate([np.zeros(0), *(segment.lengths[name] for segment in segments)])
            for name in TEXT_FIELDS
        }
        self._views: dict[frozenset[str], View] = {}
        self._lock = Lock()

    @classmethod
    def open(cls, path: Path, earlier: Snapshot | None = None) -> Snapshot:
        """Open the newest generation, taking over the segments that `earlier` has already read.

        Raises:
            Exception: anything, when a writer replaces files meanwhile or the index is damaged.
        """
        storage = FileStorage(str(path), readonly=True)
        toc = TOC.read(storage, INDEX_NAME)
        known = {segment.id: segment for segment in earlier.segments} if earlier else {}
        segments, deleted = [], [np.zeros(0, bool)]
        for entry in toc.segments:
            segment = known.get(entry.segment_id()) or Segment(storage, toc.schema, entry)
            gone = np.zeros(segment.size, bool)
            gone[list(entry.deleted_docs())] = True
            segments.append(segment)
            deleted.append(gone)
        return cls(segments, np.concatenate(deleted))

    def view(self, scopes: frozenset[str]) -> View:
        """Return what askers with these scopes see."""
        with self._lock:
            if scopes not in self._views:
                self._views[scopes] = View(self, scopes)
            return self._views[scopes]

    def document(self, number: int) -> Document:
        """Return the stored document."""
        index = int(np.searchsorted(self._offsets, number, side="right")) - 1
        return self.segments[index].document(number - int(self._offsets[index]))

    def postings(self, field: str, term: str) -> Postings:
        """Return all postings of a term, deleted and hidden documents included."""
        found = [segment.postings(field, term) for segment in self.segments]
        numbers = [each.documents + offset for each, offset in zip(found, self._offsets, strict=False)]
        return Postings(
            np.concatenate([np.zeros(0, np.int64), *numbers]),
            np.concatenate([np.zeros(0), *(each.frequencies for each in found)]),
        )

    @cached_property
    def code_rank(self) -> Numbers:
        """Rank the documents by code; a longer code has the greater serial."""
        return _ranks(self.codes, lambda code: (len(code), code))

    @cached_property
    def name_rank(self) -> Numbers:
        """Rank the documents by the code points of the folded name."""
        return _ranks(self.names, lambda name: name)


@dataclass(frozen=True)
class Weighed:
    """The documents of a term within a view, and the weight of the term in each, over all fields."""

    documents: Numbers
    weights: Weights


class View:
    """A snapshot narrowed to what somebody may see; nothing else enters its counts, weights or texts."""

    def __init__(self, snapshot: Snapshot, scopes: frozenset[str]) -> None:
        self.snapshot = snapshot
        numbers = [index for index, scope in enumerate(SCOPES) if scope in scopes]
        self.mask: Mask = snapshot.alive & np.isin(snapshot.scopes, numbers)
        self.count = int(self.mask.sum())
        self._average = {name: self._average_length(snapshot.lengths[name]) for name in TEXT_FIELDS}
        self._cache: OrderedDict[tuple[str, bool], Weighed] = OrderedDict()
        self._cached = 0
        self._lock = Lock()

    def _average_length(self, lengths: Weights) -> float:
        seen = lengths[self.mask]
        return float(seen[seen > 0].mean()) if seen.any() else 1.0

    def term(self, term: str, *, word: bool = False) -> Weighed:
        """Return where a term stands, with BM25F's combined frequency; a word counts for ranking only."""
        key = (term, word)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        weighed = self._weigh(term, (WORDS_FIELD,) if word else MATCHED_FIELDS)
        with self._lock:
            if key not in self._cache:
                self._cache[key] = weighed
                self._cached += len(weighed.documents)
            while self._cached > CACHED_POSTINGS and len(self._cache) > 1:
                self._cached -= len(self._cache.popitem(last=False)[1].documents)
        return weighed

    def _weigh(self, term: str, fields: Iterable[str]) -> Weighed:
        total = np.zeros(self.snapshot.size)
        for field in fields:
            documents, frequencies = self.snapshot.postings(field, term)
            lengths = self.snapshot.lengths[field][documents]
            relative = 1 - LENGTH_SHARE + LENGTH_SHARE * lengths / self._average[field]
            total[documents] += FIELD_WEIGHTS[field] * frequencies / relative
        documents = np.flatnonzero((total > 0) & self.mask)
        return Weighed(documents, total[documents])


def _concatenated(arrays: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.int64), *arrays])


def _joined(columns: list[Coded]) -> Coded:
    """Number the values of all segments alike; number 0 stays the empty value."""
    numbers: dict[str, int] = {"": 0}
    parts = []
    for column in columns:
        renumbered = np.array([numbers.setdefault(value, len(numbers)) for value in column.values], np.int64)
        parts.append(renumbered[column.numbers])
    return Coded(_concatenated(parts), list(numbers))


def _ranks(values: list[str], key: Callable[[str], Any]) -> Numbers:
    order = sorted(range(len(values)), key=lambda number: key(values[number]))
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values))
    return ranks
