"""How postings lie on disk: each term's documents and the numbers kept beside them, as two plain arrays.

Whoosh pickles and compresses a tuple for each block of a term, and reading it back takes longer than the query that asks
for it. Here a term is one block, and its arrays are read where the file is mapped. Everything else is Whoosh's own, and
Whoosh reads it through this codec: the tests compare what it finds. This module uses internals of the pinned Whoosh.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3LeafMatcher, W3PostingsWriter
from whoosh.system import pack_uint
from whoosh.util.numeric import byte_to_length, length_to_byte

KEPT_BITS = 16  # for the number that is kept beside a term, as Whoosh's weight
KEPT_MOST = (1 << KEPT_BITS) - 1
LAYOUT = 2  # raise with every change of what is written here
ONCE = pack_uint(1)  # each term counts once for Whoosh

_HEAD = Struct(
    "<IIHBB"
)  # documents, the last of them, the greatest kept number, and the bounds of the field's lengths
_DOCUMENT = np.dtype("<u4")
_KEPT = np.dtype("<u2")


class Block(NamedTuple):
    """A term's documents and kept numbers as native bytes, and the bounds of those numbers and of the fields' lengths."""

    documents: bytes
    kept: bytes
    most: float
    shortest: int
    longest: int


def blocks(terms: Sequence[array[int]], lengths: NDArray[np.int64]) -> Iterator[Block]:
    """Yield the block of each term, whose postings are `document << KEPT_BITS | kept`; `lengths` are the documents'."""
    packed = np.frombuffer(b"".join(terms), np.uint64)
    numbers = packed >> KEPT_BITS
    documents, kept = numbers.astype(np.uintc), (packed & KEPT_MOST).astype(np.single)
    held = lengths[numbers]
    sizes = np.array([len(postings) for postings in terms])
    ends = np.cumsum(sizes)
    starts = ends - sizes
    bounds = (
        ufunc.reduceat(values, starts).tolist()
        for ufunc, values in ((np.maximum, kept), (np.minimum, held), (np.maximum, held))
    )
    for start, end, *bound in zip(starts.tolist(), ends.tolist(), *bounds, strict=True):
        yield Block(documents[start:end].tobytes(), kept[start:end].tobytes(), *bound)


class PackedCodec(W3Codec):  # type: ignore[misc] # Whoosh ships no types
    """Whoosh's present codec but for the postings; segments are pickled with it, so it stays where it is."""

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> PackedWriter:
        """Return what writes the postings of one field after another."""
        return PackedWriter(dbfile, blocklimit=np.iinfo(_DOCUMENT).max, byteids=byteids)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> PackedMatcher:
        """Return what reads the postings of a term."""
        return PackedMatcher(dbfile, *terminfo.extent(), format_, term=term, scorer=scorer)


class PackedWriter(W3PostingsWriter):  # type: ignore[misc] # as above
    """Write each term as one block; a number beside a document is whole and less than 65,536."""

    def take(self, block: Block) -> None:
        """Take all postings of the term at once, in place of one by one."""
        self._ids, self._weights = array("I", block.documents), array("f", block.kept)
        self._maxweight, self._minlength, self._maxlength = block.most, block.shortest, block.longest

    def _write_block(self, last: bool = False) -> None:
        self._terminfo.add_block(self)
        head = _HEAD.pack(
            len(self._ids),
            self._ids[-1],
            int(self._maxweight),
            length_to_byte(self._minlength),
            length_to_byte(self._maxlength),
        )
        self._postfile.write(
            head + np.asarray(self._ids, _DOCUMENT).tobytes() + np.asarray(self._weights, _KEPT).tobytes()
        )
        self._blockcount += 1
        self._new_block()


class PackedMatcher(W3LeafMatcher):  # type: ignore[misc] # as above
    """Read what `PackedWriter` wrote."""

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the documents of the term, ascending, and the number that is kept beside it in each."""
        count, start = self._blocklength, self._dataoffset
        documents = self._postfile.get(start, count * _DOCUMENT.itemsize)
        kept = self._postfile.get(start + count * _DOCUMENT.itemsize, count * _KEPT.itemsize)
        return (
            np.frombuffer(documents, _DOCUMENT).astype(np.int64),
            np.frombuffer(kept, _KEPT).astype(np.int64),
        )

    def _read_header(self) -> None:
        self._baseoffset = self._startoffset

    def _goto(self, position: int) -> None:
        self._data: Any = None
        self._ids = self._weights = self._values = None
        self._i = 0
        self._lastblock = True
        self._blocklength, self._maxid, self._maxweight, least, most = _HEAD.unpack(
            self._postfile.get(position, _HEAD.size)
        )
        self._minlength, self._maxlength = byte_to_length(least), byte_to_length(most)
        self._dataoffset = position + _HEAD.size

    def _read_data(self) -> None:
        documents, kept = self.arrays()
        self._data = documents.tolist(), kept.astype(float).tolist()

    def _read_ids(self) -> None:
        if self._data is None:
            self._read_data()
        self._ids = self._data[0]

    def _read_weights(self) -> None:
        if self._data is None:
            self._read_data()
        self._weights = self._data[1]

    def _read_values(self) -> None:
        self._values = ((None,) if self._fixedsize == 0 else (ONCE,)) * self._blocklength
