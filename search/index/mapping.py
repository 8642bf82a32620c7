"""Read a segment's file through the memory map that all workers share.

Whoosh maps the file too, but copies every part of it into each process to give it a file's face.
"""

from __future__ import annotations

from mmap import MADV_WILLNEED, mmap
from typing import Any

from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.structfile import BufferFile


class _Cursor:
    """A place in a stretch of memory, moved as in a file."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._place = 0

    def seek(self, place: int, whence: int = 0) -> int:
        self._place = place + (0, self._place, len(self._memory))[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int | None = None) -> bytes:
        end = len(self._memory) if size is None or size < 0 else self._place + size
        found = bytes(self._memory[self._place : end])
        self._place += len(found)
        return found

    def readline(self) -> bytes:
        rest = bytes(self._memory[self._place :])
        found = rest[: rest.find(b"\n") + 1] or rest
        self._place += len(found)
        return found

    def close(self) -> None:
        self._memory.release()


class _MappedFile(BufferFile):  # type: ignore[misc] # Whoosh ships no types
    def __init__(self, memory: memoryview, name: str | None = None) -> None:
        self._buf, self._name = memory, name
        self.file, self.onclose = _Cursor(memory), None
        self.is_real = self.is_closed = False

    def subset(self, position: int, length: int, name: str | None = None) -> _MappedFile:
        return _MappedFile(self._buf[position : position + length], name or self._name)


class MappedStorage(CompoundStorage):  # type: ignore[misc] # as above
    """The parts of one segment's file, none of them copied; the system is told to fetch it all before it is asked for."""

    def __init__(self, file: Any) -> None:
        """Map a file."""
        super().__init__(file)
        if isinstance(self._source, mmap):
            self._source.madvise(MADV_WILLNEED)

    def open_file(self, name: str, *_arguments: Any, **_options: Any) -> _MappedFile:
        """Open a part by name."""
        start, length = self.range(name)
        return _MappedFile(memoryview(self._source)[start : start + length], name)
