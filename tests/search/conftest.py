"""Documents and engines for the search tests."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from search.documents import Document, ListedIn
from search.engine import SearchEngine

MakeDocument = Callable[..., Document]
MakeEngine = Callable[[Iterable[Document]], SearchEngine]


@contextmanager
def room(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def document() -> MakeDocument:
    """Make a public product in CX; the test says what matters to it."""
    serials = count(1)

    def make(name: str = "示例产品", **values: Any) -> Document:
        serial = next(serials)
        values.setdefault("code", f"P{serial:06d}")
        values.setdefault("lists", (ListedIn("CX", f"CX-2026-01-{serial:04d}", date(2029, 1, 1), "active"),))
        return Document(name=name, **values)

    return make


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    """Build an engine over documents, in a folder of its own."""
    folders = count(1)

    def make(documents: Iterable[Document]) -> SearchEngine:
        built = SearchEngine(tmp_path / f"index{next(folders)}")
        built.rebuild(documents, revision=1)
        return built

    return make
