"""One state of the whole index, and what one kind of asker may see of it."""

from __future__ import annotations

from bisect import bisect
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from itertools import accumulate, chain
from operator import ne
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from search.analysis.pinyin import in_order
from search.analysis.slips import Neighbourhood
from search.documents import SCOPES, Document
from search.index.facets import Facets
from search.index.schema import HEAD_FIELD, INDEX_NAME, TEXT_FIELD
from search.index.segment import Numbers, Postings, Segment
from search.index.texts import Texts
from search.index.weights import Weighed, unpacked

Mask = NDArray[np.bool_]


class _Kept(Protocol):
    @property
    def documents(self) -> Numbers: ...


K = TypeVar("K", bound=_Kept)

CACHED_POSTINGS = 14  # for each document that is seen; 18 bytes each
CACHED_AT_LEAST = 1_000_000
ENTRY_POSTINGS = 60  # what holds the postings of a term together takes as much as so many of them


class Snapshot:
    """All documents of one generation, numbered through its segments; immutable, safe for several threads."""

    def __init__(self, segments: list[Segment], deleted: Mask) -> None:
        self.segments = segments
        self.alive = ~deleted
        self.size = len(deleted)
        self._offsets = [0, *accumulate(segment.size for segment in segments)]
        self.serials = _concatenated(segment.serials for segment in segments)
        self.codes: list[str] = list(chain.from_iterable(segment.codes for segment in segments))
        self.names: list[str] = list(chain.from_iterable(segment.names for segment in segments))
        self.organizations: list[str] = list(
            chain.from_iterable(segment.organizations for segment in segments)
        )
        self.categories: list[str] = list(chain.from_iterable(segment.categories for segment in segments))
        self.facets = Facets([segment.facets for segment in segments])
        self.scopes = _concatenated(segment.scopes for segment in segments)
        self.listed_on = _concatenated(segment.listed_on for segment in segments)
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

    def warm_up(self, earlier: Snapshot) -> None:
        """Work out now what those who asked the earlier snapshot would have to wait for in this one."""
        for scopes in list(earlier._views):
            _ = self.name_rank, self.latin, self.view(scopes).texts

    def retire(self) -> None:
        """Let go of the views, which hold this snapshot in turn: both are then freed with the last request that uses one.

        Otherwise the collector would find them all together, tens of megabytes in a pause of a tenth of a second.
        """
        with self._lock:
            self._views = {}

    def document(self, number: int) -> Document:
        """Return the stored document."""
        index = bisect(self._offsets, number) - 1
        return self.segments[index].document(number - self._offsets[index])

    def postings(self, field: str, term: str) -> Postings:
        """Return all postings of a term, deleted and hidden documents included."""
        if len(self.segments) == 1:
            return self.segments[0].postings(field, term)
        found = [segment.postings(field, term) for segment in self.segments]
        numbers = [each.documents + offset for each, offset in zip(found, self._offsets, strict=False)]
        return Postings(
            np.concatenate([np.zeros(0, np.int64), *numbers]),
            np.concatenate([np.zeros(0, np.int64), *(each.kept for each in found)]),
        )

    def numbered(self, number: str, *, is_whole: bool) -> Numbers:
        """Return the documents known by a number, or by one that begins so, deleted and hidden ones included."""
        found = [segment.numbered(number, is_whole=is_whole) for segment in self.segments]
        return _concatenated(each + offset for each, offset in zip(found, self._offsets, strict=False))

    @cached_property
    def latin(self) -> Neighbourhood:
        """Return the Latin words of all names, to find those that one slip makes of another."""
        return Neighbourhood(self.names)

    def _sound(self, number: int) -> str:
        return in_order(self.names[number])

    @cached_property
    def name_rank(self) -> Numbers:
        """Rank the documents by how the folded names sound; equal names have one rank.

        Each segment keeps its order, so that only names of the smaller ones are looked for among those of the larger.
        """
        runs = [
            segment.by_name + offset for segment, offset in zip(self.segments, self._offsets, strict=False)
        ]
        order, *others = sorted(runs, key=len, reverse=True) or [np.zeros(0, np.int64)]
        for added in others:
            held = order.tolist()
            places = [bisect(held, self._sound(number), key=self._sound) for number in added.tolist()]
            order = np.insert(order, places, added)
        named = [self.names[number] for number in order.tolist()]
        ranks = np.zeros(self.size, np.int64)
        ranks[order[1:]] = np.cumsum(np.fromiter(map(ne, named, named[1:]), bool))
        return ranks


class View:
    """A snapshot narrowed to what somebody may see; nothing else enters its counts, weights or texts."""

    def __init__(self, snapshot: Snapshot, scopes: frozenset[str]) -> None:
        self.snapshot = snapshot
        numbers = [index for index, scope in enumerate(SCOPES) if scope in scopes]
        self.mask: Mask = snapshot.alive & np.isin(snapshot.scopes, numbers)
        self.count = int(self.mask.sum())
        self._cache: OrderedDict[Hashable, Any] = OrderedDict()
        self._cached = 0
        self._room = max(CACHED_AT_LEAST, CACHED_POSTINGS * self.count)
        self._lock = Lock()

    @cached_property
    def texts(self) -> Texts:
        """Return what is suggested from."""
        return Texts(self)

    def term(self, term: str) -> Weighed:
        """Return where a term stands, and how much it weighs there."""
        return self.kept((TEXT_FIELD, term), lambda: unpacked(*self._seen(TEXT_FIELD, term)))

    def holding(self, field: str, term: str) -> Numbers:
        """Return the documents that hold a term in another field."""
        return self._seen(field, term).documents

    def ways(self, ending: str) -> Postings:
        """Return the documents whose names end so, and in which ways."""
        return self._seen(HEAD_FIELD, ending)

    def _seen(self, field: str, term: str) -> Postings:
        documents, kept = self.snapshot.postings(field, term)
        seen = self.mask[documents]
        return Postings(documents[seen], kept[seen])

    def numbered(self, number: str, *, is_whole: bool) -> Numbers:
        """Return the documents known by a number, or by one that begins so."""
        found = self.snapshot.numbered(number, is_whole=is_whole)
        return found[self.mask[found]]

    def kept(self, key: Hashable, find: Callable[[], K]) -> K:
        """Return what was found under this key before, or find it now and keep it as long as there is room."""
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                known: K = self._cache[key]
                return known
        found = find()
        with self._lock:
            if key not in self._cache:
                self._cache[key] = found
                self._cached += ENTRY_POSTINGS + len(found.documents)
            while self._cached > self._room and len(self._cache) > 1:
                self._cached -= ENTRY_POSTINGS + len(self._cache.popitem(last=False)[1].documents)
        return found


def _concatenated(arrays: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.int64), *arrays])
