"""The index folder over time: updates, readers, other processes, and accidents."""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.synchronize
import os
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from search.documents import SCOPES, Document
from search.engine import Difference, SearchEngine
from search.index import IndexBusyError, IndexMissingError
from search.index import reader as reader_module
from search.index.state import STATE_FILE
from search.query import Request
from tests.processes import PROCESSES
from tests.search.conftest import MakeDocument, MakeEngine, room
from tests.search.corpus import documents

EVERYTHING = Request(scopes=frozenset(SCOPES))


def test_the_index_equals_a_fresh_one_when_it_was_updated_many_times(tmp_path: Path) -> None:
    random = Random(3)  # noqa: S311 - no secret hangs on test data
    current = {product.code: product for product in documents(300)}
    engine = SearchEngine(tmp_path / "updated")
    engine.rebuild(current.values(), revision=0)
    spare = iter(documents(400)[300:])
    for revision in range(1, 31):
        changed = [
            replace(product, name=f"{product.name}{revision}代", revision=revision)
            for product in random.sample(list(current.values()), random.randint(0, 8))
        ]
        changed.append(next(spare))
        removed = [
            code for code in random.sample(list(current), 2) if code not in {each.code for each in changed}
        ]
        engine.update(changed, removed, revision)
        current |= {product.code: product for product in changed}
        for code in removed:
            del current[code]
    fresh = SearchEngine(tmp_path / "fresh")
    fresh.rebuild(current.values(), revision=30)

    assert engine.state().revision == 30
    assert engine.check(current.values()) == []
    for query in ("", "机器人", "超声", "3代", "x200", "智能设备的远程操作"):
        assert engine.search(Request(query, per_page=100)) == fresh.search(Request(query, per_page=100))
    assert len(list(engine.path.glob("*.seg"))) < 10


def test_a_code_is_found_once_when_it_comes_twice_in_one_update(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("旧名称")])

    built.update([document("中名称", code="P000001"), document("新名称", code="P000001")], [], revision=2)

    assert [hit.document.name for hit in built.search(Request()).hits] == ["新名称"]


def test_differences_are_named_when_index_and_database_disagree(
    engine: MakeEngine, document: MakeDocument
) -> None:
    same, changed, extra, missing = document("同"), document("改"), document("多"), document("缺")
    built = engine([same, changed, extra])

    assert built.check([same, replace(changed, name="已改"), missing]) == [
        Difference("P000002", "different"),
        Difference("P000003", "extra"),
        Difference("P000004", "missing"),
    ]


def test_a_reader_goes_on_when_the_folder_is_deleted_and_the_next_one_asks_for_a_rebuild(
    engine: MakeEngine, document: MakeDocument
) -> None:
    serving = engine([document("超声诊断仪", summary="说明" * 500)])
    shutil.rmtree(serving.path)
    serving.reader.newest()

    assert serving.search(Request("超声")).total == 1
    assert serving.suggest("超声")[0].code == "P000001"
    for call in (
        serving.state,
        lambda: SearchEngine(serving.path).search(Request()),
        lambda: serving.update([], [], revision=2),
    ):
        with pytest.raises(IndexMissingError):
            call()
    serving.rebuild([document("磁共振")], revision=3)
    assert serving.search(Request("磁共振")).total == 1


def test_an_index_of_another_analysis_is_missing_when_it_is_opened(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("超声")])
    state = built.path / STATE_FILE
    state.write_text(json.dumps(json.loads(state.read_text()) | {"analysis": "0"}))

    with pytest.raises(IndexMissingError):
        SearchEngine(built.path).search(Request())
    built.rebuild([document("磁共振")], revision=2)
    assert SearchEngine(built.path).search(Request("磁共振")).total == 1


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Whoosh leaves a damaged file to the collector,
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # which may come later
@pytest.mark.parametrize("pattern", ["*.seg", "*.toc", STATE_FILE])
def test_a_rebuild_mends_the_index_when_its_files_are_damaged(
    engine: MakeEngine, document: MakeDocument, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "OPEN_PAUSE", 0)
    path = engine([document("超声")]).path
    for file in path.glob(pattern):
        file.write_bytes(b"damaged")

    with pytest.raises(IndexMissingError):
        SearchEngine(path).search(Request())
    SearchEngine(path).rebuild([document("磁共振")], revision=2)
    assert SearchEngine(path).search(Request("磁共振")).total == 1


def test_nothing_changes_when_a_document_cannot_be_written(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("超声")])

    with pytest.raises(ValueError, match="not in tuple"):
        built.update([document("好"), document("坏", scope="secret")], ["P000001"], revision=2)

    assert (built.state().revision, built.search(Request()).total) == (1, 1)
    built.update([document("磁共振")], [], revision=2)
    assert built.search(Request()).total == 2


@pytest.mark.parametrize("is_rebuilt", [False, True])
def test_the_index_serves_on_and_follows_again_when_the_disk_was_full(
    engine: MakeEngine, *, is_rebuilt: bool
) -> None:
    products = documents(400)
    built = engine(products)
    changed = [replace(product, name=f"{product.name}改") for product in products]
    before = sorted(built.path.iterdir())

    for size in (0, 100, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000):
        with room(size), pytest.raises(OSError, match="too large"):
            built.rebuild(changed, 2) if is_rebuilt else built.update(changed, [], 2)
        assert sorted(built.path.iterdir()) == before
        for serving in (built, SearchEngine(built.path)):
            assert (serving.state().revision, serving.search(EVERYTHING).total) == (1, 400)
    built.update(changed, [], revision=2)

    assert built.check(changed) == []
    assert SearchEngine(built.path).check(changed) == []


def test_a_second_writer_is_told_when_the_first_does_not_end(
    engine: MakeEngine, document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = engine([document("超声")])
    monkeypatch.setattr("search.index.writer.LOCK_SECONDS", 0.1)

    def slow() -> Iterator[Document]:
        with pytest.raises(IndexBusyError):
            SearchEngine(built.path).update([document("二")], [], revision=9)
        yield document("一")

    built.rebuild(slow(), revision=2)
    assert built.state().revision == 2


def test_the_old_index_stays_usable_when_a_writer_is_killed(engine: MakeEngine) -> None:
    products = documents(400)
    built = engine(products)
    for delay in (0.0, 0.02, 0.05, 0.1):
        started = PROCESSES.Event()
        child = PROCESSES.Process(target=_update_for_ever, args=(str(built.path), started))
        child.start()
        assert started.wait(60)
        time.sleep(delay)
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        assert SearchEngine(built.path).search(EVERYTHING).total == 400
    built.update(products[:5], [], revision=1_000_000)
    assert built.search(EVERYTHING).total == 400


def test_readers_never_fail_when_another_process_keeps_writing(engine: MakeEngine) -> None:
    built = engine(documents(400))
    started = PROCESSES.Event()
    child = PROCESSES.Process(target=_update_for_ever, args=(str(built.path), started))
    child.start()
    try:
        assert started.wait(60)
        reader, until, revisions = SearchEngine(built.path), time.monotonic() + 1.5, set()
        while time.monotonic() < until:
            reader.reader.newest()
            assert reader.search(EVERYTHING).total == 400
            assert SearchEngine(built.path).search(EVERYTHING).total == 400
            revisions.add(reader.state().revision)
    finally:
        child.kill()
        child.join()
    assert len(revisions) > 1


def _update_for_ever(path: str, started: multiprocessing.synchronize.Event) -> None:
    engine, products, revision = SearchEngine(Path(path)), documents(400), 2
    while True:
        engine.update(products[revision % 390 :][:10], [], revision)
        revision += 1
        started.set()


def test_threads_get_the_answers_of_one_when_they_ask_at_once(engine: MakeEngine) -> None:
    built = engine(documents(300))
    requests = [
        Request(query) for query in ("机器人", "超声", "x-200", "智能", "锂电池", "pacs 系统", "")
    ] * 4
    expected = [built.search(request) for request in requests]
    fresh = SearchEngine(built.path)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(fresh.search, requests)) == expected
