"""Read one segment, which never changes once it is written, into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import TermNotFound

from search.analysis.pinyin import in_order
from search.documents import LISTS, Document, from_stored
from search.index.facets import ABSENT, Coded
from search.index.mapping import MappedStorage
from search.index.schema import COLUMNS, FLAGS
from search.query import CODED_FACETS, FLAG_FACETS, Value

Numbers = NDArray[np.int64]
Weights = NDArray[np.float64]


class Postings(NamedTuple):
    """The documents of a term, ascending, and the number that is kept beside it in each."""

    documents: Numbers
    kept: Numbers


LAST_BYTE = b"\xff"  # stands in no UTF-8
NO_POSTINGS = Postings(np.empty(0, np.int64), np.empty(0, np.int64))


class _Numbers:
    """The numbers of a segment's documents in order, to find one by its beginning."""

    def __init__(self, held: list[str]) -> None:
        pairs = [(form.encode(), number) for number, forms in enumerate(held) for form in forms.split()]
        forms = np.array([form for form, _ in pairs], dtype=np.bytes_)
        order = np.argsort(forms, kind="stable")
        self._forms = forms[order]
        self._documents = np.array([number for _, number in pairs], np.int64)[order]

    def find(self, number: str, *, is_whole: bool) -> Numbers:
        sought = number.encode()
        if len(sought) > (longest := self._forms.itemsize):
            return np.zeros(0, np.int64)  # to compare it, NumPy would copy all numbers to its length
        is_whole = is_whole or len(sought) == longest
        start = np.searchsorted(self._forms, sought)
        end = np.searchsorted(self._forms, sought if is_whole else sought + LAST_BYTE, side="right")
        return np.unique(self._documents[start:end])


class Segment:
    """Answer from one segment; safe for several threads."""

    def __init__(self, storage: Any, schema: Any, segment: Any) -> None:
        files = MappedStorage(storage.open_file(segment.make_filename(segment.COMPOUND_EXT)))
        codec = segment.codec()
        self.id: str = segment.segment_id()
        self.size: int = segment.doc_count_all()
        self._schema = schema
        self._terms = codec.terms_reader(files, segment)
        self._documents = codec.per_document_reader(files, segment)
        self._lock = Lock()  # Whoosh's readers share one file position
        self.codes = self._strings("code_column")
        self.serials = np.array([int(code[1:]) for code in self.codes], np.int64)
        self._numbers = _Numbers(self._strings("numbers_column"))
        self.names = self._strings("name_key")
        self.organizations = self._strings("organization_column")
        self.categories = self._strings("category_column")
        self.facets = self._facets()
        self.scopes = self._integers("scope_column", np.dtype("u1"))
        self.listed_on = self._integers("listed_on_column", np.dtype(">i4"))

    @cached_property
    def by_name(self) -> Numbers:
        """Return the documents' numbers in order of how the folded names sound."""
        sounds = list(map(in_order, self.names))
        return np.array(sorted(range(self.size), key=sounds.__getitem__), np.int64)

    def document(self, number: int) -> Document:
        """Return the stored document."""
        with self._lock:
            return from_stored(self._documents.stored_fields(number)["document"])

    def find(self, code: str) -> list[int]:
        """Return the numbers of the documents with this code."""
        numbers: list[int] = self.postings("code", code).documents.tolist()
        return numbers

    def postings(self, field: str, term: str) -> Postings:
        """Return all postings of a term, deleted documents included."""
        with self._lock:
            try:
                matcher = self._terms.matcher(field, term.encode(), self._schema[field].format)
            except TermNotFound:
                return NO_POSTINGS
            return Postings(*matcher.arrays())

    def numbered(self, number: str, *, is_whole: bool) -> Numbers:
        """Return the documents known by a number, or by one that begins so."""
        return self._numbers.find(number, is_whole=is_whole)

    def _reader(self, name: str) -> Any:
        return self._documents.column_reader(name, COLUMNS[name])

    def _strings(self, name: str) -> list[str]:
        if not self._documents.has_column(name):
            return [""] * self.size
        known: dict[str, str] = {}  # units and categories come again and again
        return [known.setdefault(text, text) for text in map(bytes.decode, self._reader(name))]

    def _facets(self) -> dict[str, list[Coded]]:
        """Return the columns of each facet; lists take a column each, for a product may stand in several."""
        years, numbers = np.unique(self._integers("year_column", np.dtype(">i4")), return_inverse=True)
        lists = self._integers("lists_column", np.dtype("u1"))
        return {
            "list": [
                *(_column(lists >> number & 1, (ABSENT, code)) for number, code in enumerate(LISTS)),
                _column(lists == 0, (ABSENT, None)),
            ],
            "year": [_column(numbers, [int(year) or None for year in years])],
            **{name: [self._coded(f"{name}_column")] for name in CODED_FACETS},
            **{
                name: [_column(self._integers(f"{name}_column", np.dtype("u1")), FLAGS)]
                for name in FLAG_FACETS
            },
        }

    def _coded(self, name: str) -> Coded:
        """Read the numbers of a RefBytesColumn at once; number 0 is the empty value."""
        if not self._documents.has_column(name):
            return _column(np.zeros(self.size, np.uint8), [None])
        reader = self._reader(name)
        width = np.dtype(">u2") if reader._itemsize == 2 else np.dtype("u1")
        raw = reader._dbfile.get(reader._basepos, self.size * reader._itemsize)
        return _column(np.frombuffer(raw, width), [value.decode() or None for value in reader._uniques])

    def _integers(self, name: str, width: np.dtype[Any]) -> Numbers:
        if not self._documents.has_column(name):
            return np.zeros(self.size, np.int64)
        return self._numeric(self._reader(name), width)

    def _numeric(self, reader: Any, width: np.dtype[Any]) -> Numbers:
        """Read a NumericColumn at once; it leaves out zeros at the end."""
        values = np.zeros(self.size, np.int64)
        raw = np.frombuffer(reader._dbfile.get(reader._basepos, reader._count * reader._fixedlen), width)
        values[: len(raw)] = raw[: self.size]
        return values


def _column(numbers: NDArray[Any], values: Sequence[Value]) -> Coded:
    """Return a column whose numbers take as few bytes as hold them."""
    return Coded(numbers.astype(np.min_scalar_type(int(numbers.max(initial=0)))), values)
