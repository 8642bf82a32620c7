"""Who serves an index notices commits by the side, never in a request."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from search.documents import PUBLIC
from search.engine import SearchEngine
from search.index import reader as reader_module
from search.index.reader import Reader
from search.index.snapshot import Snapshot
from search.query import Request
from tests.search.conftest import MakeDocument, MakeEngine

WAIT_SECONDS = 60


def test_requests_are_answered_from_what_is_open_while_a_commit_is_being_opened(
    engine: MakeEngine, document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = engine([document("旧产品")])
    serving = SearchEngine(writer.path)
    assert serving.search(Request()).total == 1
    held, opening, go_on = serving.reader.served, Event(), Event()

    def slowly(_snapshot: Snapshot, earlier: Snapshot) -> None:
        if earlier is held:
            opening.set()
            assert go_on.wait(WAIT_SECONDS)

    monkeypatch.setattr(Snapshot, "warm_up", slowly)
    writer.update([document("新产品")], [], revision=2)

    assert opening.wait(WAIT_SECONDS)  # nobody asked: it looks by itself
    assert serving.search(Request()).total == 1
    go_on.set()
    serving.reader.newest()
    assert serving.search(Request()).total == 2


def test_what_requests_would_wait_for_is_worked_out_before_a_commit_is_served(
    engine: MakeEngine, document: MakeDocument
) -> None:
    writer = engine([document("旧产品")])
    serving = SearchEngine(writer.path)
    serving.suggest("产品")
    writer.update([document("新产品")], [], revision=2)

    opened = serving.reader.newest()

    assert {"name_rank", "latin"} <= vars(opened).keys()
    assert "texts" in vars(opened.view(PUBLIC))


def test_only_what_is_new_is_read_when_a_commit_is_opened(engine: MakeEngine, document: MakeDocument) -> None:
    writer = engine(document(f"产品{number}") for number in range(9))
    serving = SearchEngine(writer.path)
    [old] = serving.reader.newest().segments
    writer.update([document("新产品")], [], revision=2)

    first, second = serving.reader.newest().segments

    assert first is old
    assert second.size == 1


def test_what_was_served_is_freed_with_its_last_request_and_not_by_the_collector(
    engine: MakeEngine, document: MakeDocument
) -> None:
    writer = engine(document(f"产品{number}") for number in range(9))
    serving = SearchEngine(writer.path)
    serving.search(Request("产品"))
    serving.suggest("产品")
    view = serving.reader.newest().view(PUBLIC)
    held = weakref.ref(view.snapshot)
    gc.disable()
    try:
        writer.update([document("新产品")], [], revision=2)
        serving.reader.newest()
        assert held() is view.snapshot
        assert view.term("产品").documents.tolist()

        del view
        assert held() is None
        segments = [weakref.ref(segment) for segment in serving.reader.newest().segments]
        writer.rebuild([document("新产品")], revision=3)
        serving.reader.newest()
        assert [segment() for segment in segments] == [None] * len(segments)
    finally:
        gc.enable()


def test_one_thread_looks_for_commits_when_many_ask_at_once(
    engine: MakeEngine, document: MakeDocument
) -> None:
    serving = SearchEngine(engine([document("产品")]).path)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: serving.search(Request()), range(40)))
        watcher = serving.reader._watcher
        list(threads.map(lambda _: serving.search(Request()), range(40)))

    assert watcher is not None
    assert watcher is serving.reader._watcher


def test_looking_goes_on_when_a_commit_cannot_be_opened(
    engine: MakeEngine, document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = engine([document("旧产品")])
    serving = SearchEngine(writer.path)
    serving.search(Request())
    held, failed, mended = serving.reader.served, Event(), Event()

    def fail(_snapshot: Snapshot, earlier: Snapshot) -> None:
        if earlier is not held:
            return
        if failed.is_set():
            mended.set()
            return
        failed.set()
        raise MemoryError

    monkeypatch.setattr(Snapshot, "warm_up", fail)
    writer.update([document("新产品")], [], revision=2)

    assert failed.wait(WAIT_SECONDS)
    assert mended.wait(WAIT_SECONDS)
    serving.reader.newest()
    assert serving.search(Request()).total == 2


def test_an_index_is_no_longer_missed_when_the_same_one_is_back(
    engine: MakeEngine, document: MakeDocument
) -> None:
    reader = SearchEngine(engine([document("产品")]).path).reader
    reader.newest()
    state, aside = reader._path / "state.json", reader._path / "aside"

    state.rename(aside)
    reader.newest()
    assert reader.orphaned_at() == 1
    aside.rename(state)
    reader.newest()
    assert reader.orphaned_at() is None


def test_each_look_waits_longer_and_is_told_once_while_a_commit_cannot_be_opened(
    engine: MakeEngine,
    document: MakeDocument,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = engine([document("旧产品")])
    reader = Reader(writer.path)
    held = reader.newest()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 14:
            raise SystemExit

    def fail(_snapshot: Snapshot, earlier: Snapshot) -> None:
        if earlier is held and len(pauses) < 12:
            raise OSError if len(pauses) % 2 else MemoryError

    monkeypatch.setattr(Snapshot, "warm_up", fail)
    writer.update([document("新产品")], [], revision=2)
    with pytest.raises(SystemExit):
        reader_module._watch(weakref.ref(reader), pause)  # handed in: other readers' threads sleep as ever

    assert pauses[:4] == [0.25, 0.5, 1, 2]
    assert pauses[8:] == [60, 60, 60, 60, 0.25, 0.25]
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [OSError, MemoryError]


def test_the_thread_ends_when_nobody_holds_the_reader_any_more(
    engine: MakeEngine, document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "LOOK_SECONDS", 0)
    serving = SearchEngine(engine([document("产品")]).path)
    serving.search(Request())
    watcher, held = serving.reader._watcher, weakref.ref(serving.reader)

    del serving
    gc.collect()

    assert watcher is not None
    watcher.join(WAIT_SECONDS)
    assert (watcher.is_alive(), held()) == (False, None)
