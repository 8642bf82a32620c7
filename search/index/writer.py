"""Write segments in bulk: postings are gathered by term and written once, in Whoosh's format.

Whoosh's own writer sorts single postings through temporary files, which takes several times as long. This module
uses internals of the pinned Whoosh; its tests compare the two.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.util.numeric import byte_to_length, length_to_byte
from whoosh.writing import SegmentWriter

from search.documents import Document
from search.index.codec import KEPT_BITS, PackedCodec, blocks
from search.index.schema import COLUMNS, TERM_FIELDS, column_values, field_terms, stored_value

LOCK_SECONDS = 30.0
TERMS_AT_ONCE = 2_000  # an array operation costs as much as the postings of ten terms
_DECODED_LENGTH = np.array([byte_to_length(code) for code in range(256)])


class _Storage(FileStorage):  # type: ignore[misc]  # Whoosh ships no types
    """A folder that knows which files were opened for writing in it and below."""

    def __init__(self, path: str, written: list[Any] | None = None) -> None:
        super().__init__(path)
        self.written: list[Any] = [] if written is None else written

    def create_file(self, name: str, **options: Any) -> Any:
        """Open a file for writing."""
        file = super().create_file(name, **options)
        self.written.append(file)
        return file

    def temp_storage(self, name: str) -> Any:
        """Make a folder inside for files of the moment."""
        return _Storage(f"{self.folder}/{name}", self.written).create()


class BulkWriter(SegmentWriter):  # type: ignore[misc]  # Whoosh ships no types
    """Write one new segment of documents; hold the index's lock until commit or cancel."""

    def __init__(self, index: FileIndex) -> None:
        index = FileIndex(_Storage(index.storage.folder), indexname=index.indexname)
        super().__init__(index, timeout=LOCK_SECONDS, delay=0.05, codec=PackedCodec(), compound=True)
        self._postings: dict[str, dict[str, array[int]]] = {
            name: defaultdict(_numbers) for name in TERM_FIELDS
        }
        self._lengths: dict[str, array[int]] = {name: array("B") for name in TERM_FIELDS}
        self._numbers: dict[str, int] = {}

    def add(self, document: Document) -> None:
        """Add a document; of two with the same code the later one stays."""
        number = self.docnum
        if (earlier := self._numbers.get(document.code)) is not None:
            self.newsegment.delete_document(earlier)
        self._numbers[document.code] = number

        found = field_terms(document)
        per_document = self.perdocwriter
        per_document.start_doc(number)
        for name in TERM_FIELDS:
            field = found.get(name)
            length = len(field) if field else 0
            self._lengths[name].append(length_to_byte(length))
            if field:
                per_document.add_field(name, self.schema[name], None, length)
                postings = self._postings[name]
                for term, kept in field.items():
                    postings[term].append(number << KEPT_BITS | kept)
        for name, value in column_values(document).items():
            per_document.add_column_value(name, COLUMNS[name], value)
        per_document.add_field("document", self.schema["document"], stored_value(document), 0)
        per_document.finish_doc()
        self.docnum += 1
        self._added = True

    def give_up(self) -> None:
        """End without a commit; on a full disk too nothing is left behind, no file and no lock."""
        if self.is_closed:
            return
        for file in self.storage.written:
            with suppress(OSError):  # it is closed, though what it still had to write found no room
                file.file.close()
        committed = TOC.read(self.storage, self.indexname)
        clean_files(self.storage, self.indexname, committed.generation, committed.segments)
        self._finish()

    def finish(self, keep: Callable[[Any], bool]) -> None:
        """Commit, with those of the earlier segments that `keep` accepts; readers see all or nothing of it."""
        self.commit(mergetype=lambda _writer, segments: [segment for segment in segments if keep(segment)])

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        writer = self.fieldwriter
        writer.start_field("code", self.schema["code"])
        for code in sorted(self._numbers):
            # A code that came twice is only found at its last document; the earlier one is deleted.
            writer.start_term(code.encode())
            writer.add(self._numbers[code], 1.0, b"", None)
            writer.finish_term()
        writer.finish_field()
        for name in sorted(TERM_FIELDS):
            self._write_field(name)
        writer.close()

    def _write_field(self, name: str) -> None:
        writer = self.fieldwriter
        lengths = _DECODED_LENGTH[np.frombuffer(self._lengths[name], np.uint8)]
        postings = self._postings.pop(name)
        if not postings:
            return
        writer.start_field(name, self.schema[name])
        ordered = sorted((term.encode(), term) for term in postings)
        for at in range(0, len(ordered), TERMS_AT_ONCE):
            some = ordered[at : at + TERMS_AT_ONCE]
            held = [postings.pop(term) for _, term in some]
            for (encoded, _), block in zip(some, blocks(held, lengths), strict=True):
                writer.start_term(encoded)
                writer._postwriter.take(block)
                writer.finish_term()
        writer.finish_field()


def _numbers() -> array[int]:
    return array("Q")
