"""The search engine: one index folder, written by one process at a time and read by many."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex, LockError

from search import operators, synonyms
from search.documents import PUBLIC, Document
from search.highlight import Marker
from search.index import IndexBusyError, IndexMissingError
from search.index.reader import Reader
from search.index.schema import INDEX_NAME, schema
from search.index.segment import Numbers, Weights
from search.index.snapshot import Snapshot
from search.index.state import State
from search.index.writer import BulkWriter
from search.query import MAX_QUERY_CHARACTERS, Hit, Request, Result, Suggestion
from search.query_matching import match
from search.query_selecting import facet_counts, filter_masks, ordered
from search.query_suggesting import suggest
from search.synonyms import Synonyms

NEAREST = 5
ABSORBED_GROWTH = 2  # a segment is rewritten into a new one that is at least half its size
DELETED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Difference:
    """A product that the index and the database do not hold alike."""

    code: str
    kind: Literal["missing", "extra", "different"]


class SearchEngine:
    """Search and update the index in one folder; safe for several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader = Reader(path)

    # Reading

    def search(self, request: Request, known: Synonyms | None = None) -> Result:
        """Answer a request; any text is taken, a longer one than allowed is cut. Without `known` the shipped synonyms serve.

        Raises:
            IndexMissingError: there is no usable index, and none is open.
        """
        view = self.reader.snapshot().view(request.scopes)
        asked = operators.read(request.q[:MAX_QUERY_CHARACTERS])
        found = match(view, asked.text, known or synonyms.default())
        if asked.conditions:
            allowed = operators.allowed(view, asked.conditions, found.mask | found.near)
            found = replace(found, mask=found.mask & allowed, near=found.near & allowed)
        masks = filter_masks(view, request)
        selected, near = (
            np.flatnonzero(np.logical_and.reduce([mask, *masks.values()]))
            for mask in (found.mask, found.near)
        )

        def scores_of(documents: Numbers) -> Weights | None:
            return None if found.scores is None else found.scores[documents]

        start = (request.page - 1) * request.per_page
        page = ordered(view, selected, scores_of(selected), request.sort, start + request.per_page)[start:]
        nearest = ordered(view, near, scores_of(near), "relevance", NEAREST)

        marker = Marker(found.wordings)

        def hit(number: int) -> Hit:
            document = view.snapshot.document(number)
            relevance = None if found.scores is None else round(float(found.scores[number]), 4)
            return Hit(document, relevance, marker.highlights(document))

        return Result(
            total=len(selected),
            hits=tuple(hit(number) for number in page.tolist()),
            facets=facet_counts(view, found.mask, masks, selected, request),
            strictness=found.strictness,
            corrected=found.corrected,
            nearest=tuple(hit(number) for number in nearest.tolist()),
            exact=int(found.exact[selected].sum()),
            others=found.others,
        )

    def suggest(
        self, text: str, scopes: frozenset[str] = PUBLIC, limit: int = 10, known: Synonyms | None = None
    ) -> list[Suggestion]:
        """Return names, units and categories within the scopes that hold what was typed.

        Where none does and it has a digit, as a model or a number has, products are suggested that the search finds by it.
        """
        view = self.reader.snapshot().view(scopes)
        found = suggest(view, text[:MAX_QUERY_CHARACTERS], limit, known or synonyms.default())
        if found or not any(map(str.isdigit, text)):
            return found
        result = self.search(Request(q=text, scopes=scopes, per_page=limit), known)
        products = (hit.document for hit in result.hits[: result.exact])
        return [Suggestion(document.name, "product", document.code) for document in products]

    def state(self) -> State:
        """Return up to where, and from which database, the index on disk is complete.

        Raises:
            IndexMissingError: there is no index, or one of another analysis.
        """
        return State.read(self.path)

    def count(self) -> int:
        """Return how many products the index holds, of all scopes."""
        return int(self.reader.snapshot().alive.sum())

    def check(self, documents: Iterable[Document]) -> list[Difference]:
        """Compare the index with all documents that should be in it, in order of code."""
        snapshot = self.reader.newest()
        numbers = {snapshot.codes[number]: number for number in np.flatnonzero(snapshot.alive).tolist()}
        differences = []
        for document in documents:
            number = numbers.pop(document.code, None)
            if number is None:
                differences.append(Difference(document.code, "missing"))
            elif snapshot.document(number) != document:
                differences.append(Difference(document.code, "different"))
        differences += [Difference(code, "extra") for code in numbers]
        return sorted(differences, key=lambda difference: (len(difference.code), difference.code))

    # Writing

    def rebuild(self, documents: Iterable[Document], revision: int, source: str = "") -> None:
        """Replace the whole index; readers see the old one until the end.

        `revision` and `source` say up to where, and in which database, the index is complete.

        Raises:
            IndexBusyError: another process kept writing.
        """
        writer = self._writer(self._index_for_rebuild())
        writer.schema = schema()
        try:
            for document in documents:
                writer.add(document)
            writer.finish(keep=lambda _segment: False)
        except BaseException:
            writer.give_up()
            raise
        State(revision, source).write(self.path)
        self.reader.newest()

    def update(self, documents: Iterable[Document], removed: Iterable[str], revision: int) -> None:
        """Put documents in place of those with the same code, and take the removed codes out.

        Raises:
            IndexMissingError: there is nothing to update; rebuild.
            IndexBusyError: another process kept writing.
        """
        self.state()
        writer = self._writer(self._index())
        try:
            source = self.state().source  # once more: another process may have rebuilt the index meanwhile
            snapshot = Snapshot.open(self.path, self.reader.served)
            changed = {document.code: document for document in documents}
            segments = {segment.id: segment for segment in snapshot.segments}
            for code in {*changed, *removed}:
                for entry in writer.segments:
                    for number in segments[entry.segment_id()].find(code):
                        entry.delete_document(number)
            for document in changed.values():
                writer.add(document)
            absorbed = self._absorb(writer, segments)
            writer.finish(keep=lambda entry: entry.segment_id() not in absorbed)
        except BaseException:
            writer.give_up()
            raise
        State(revision, source).write(self.path)
        self.reader.newest()

    def _absorb(self, writer: BulkWriter, segments: dict[str, Any]) -> set[str]:
        """Copy small and much deleted segments into the new one, so that few are left to search."""
        absorbed = set()
        for entry in sorted(writer.segments, key=lambda each: int(each.doc_count())):
            small = entry.doc_count() <= ABSORBED_GROWTH * writer.docnum
            hollow = entry.deleted_count() > DELETED_SHARE * entry.doc_count_all()
            if small or hollow:
                for number in range(entry.doc_count_all()):
                    if not entry.is_deleted(number):
                        writer.add(segments[entry.segment_id()].document(number))
                absorbed.add(entry.segment_id())
        return absorbed

    # The folder

    def _index(self) -> FileIndex:
        try:
            return FileIndex(FileStorage(str(self.path)), indexname=INDEX_NAME)
        except Exception as error:  # Whoosh raises whatever a missing or foreign file leads to
            raise IndexMissingError(str(self.path)) from error

    def _index_for_rebuild(self) -> FileIndex:
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            return self._index()
        except IndexMissingError:
            return FileIndex.create(FileStorage(str(self.path)), schema(), INDEX_NAME)

    def _writer(self, index: FileIndex) -> BulkWriter:
        try:
            return BulkWriter(index)
        except LockError as error:
            raise IndexBusyError(str(self.path)) from error


def remove(path: Path) -> None:
    """Delete an index; the database holds all that it was made from."""
    shutil.rmtree(path, ignore_errors=True)
