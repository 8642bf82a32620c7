"""Time what a visitor waits for: one web worker, each query for the first time, and then beside commits of the index.

    python benchmarks/serving.py                      the real products, fictitious ones where they are absent
    python benchmarks/serving.py --records FILE.csv   records from elsewhere
    python benchmarks/serving.py --commits 50         more commits

A worker is a process of its own with the whole application. `took_ms` is what the interface answers: from parsed parameters to
finished items, fifty to a page. While another process commits twenty changed products a second, every request's wall time
counts, also what the server spends around the search. Fonts must have been built (`registry init`).
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import platform
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random

sys.path[0] = str(Path(__file__).parents[1])  # the registry, in place of this folder

from benchmarks.journey import command, written
from catalog.demo.products import products
from registry import clock, settings
from search.engine import SearchEngine
from search.query import Request
from wsgi import create_app

REAL = Path(__file__).parents[2] / "shared" / "data" / "real_products.csv"
FICTITIOUS = 15_000
PER_PAGE = 50
QUERIES = 700
PAGES = 300
CHANGED = 20  # products of one commit
BOUND_MS = 50  # that no request may pay for a commit


def asked(file: Path) -> list[str]:
    """Return parts of names, and units with the beginning of a name, each once, as a visitor might type them."""
    dice = Random(1)
    with file.open(encoding="utf-8-sig", newline="") as rows:
        records = [(row["产品名称"], row["申报单位"] or "") for row in csv.DictReader(rows)]
    queries = []
    for name, unit in dice.sample(records, QUERIES):
        length = dice.choice([2, 3, 4, 6, 8])
        start = dice.randrange(max(1, len(name) - length))
        queries.append(dice.choice([name[start : start + length], f"{unit[2:4]} {name[:4]}", name[:length]]))
    return list(dict.fromkeys(queries))


def memory() -> tuple[int, int]:
    """Return this process's resident megabytes, and those of them that count when shared pages are split."""
    held = Path("/proc/self/smaps_rollup").read_text("ascii")
    resident, share = (
        int(re.findall(rf"^{name}:\s+(\d+)", held, re.M)[0]) // 1024 for name in ("Rss", "Pss")
    )
    return resident, share


def line(label: str, times: Sequence[float]) -> str:
    """Return a row of the table."""
    ordered = sorted(times)
    shares = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95, 0.99, 0.999))
    slow = sum(taken > BOUND_MS for taken in ordered)
    return f"| {label} | {len(ordered):,} | {' | '.join(f'{each:.1f}' for each in shares)} | {ordered[-1]:.1f} | {slow} |"


def serve(queries: list[str], commits: Event, done: Event) -> None:
    """Be the worker: answer, and print what that took."""
    client = create_app().test_client()
    started = memory()
    client.get("/api/v1/products")

    def ask(query: str) -> float:
        begun = time.perf_counter()
        answer = client.get("/api/v1/products", query_string={"q": query, "per_page": PER_PAGE})
        waited[answer.status_code] = waited.get(answer.status_code, 0) + 1
        took.append(answer.get_json()["took_ms"])
        return (time.perf_counter() - begun) * 1000

    took: list[float] = []
    waited: dict[int, int] = {}
    first = [ask(query) for query in queries]
    print("| ms | requests | p50 | p95 | p99 | p99.9 | most | over 50 |\n|---|---|---|---|---|---|---|---|")
    print(line("`took_ms`, each query for the first time", took))
    print(line("the whole request", first))
    for query in queries[:PAGES]:
        client.get("/catalog/", query_string={"q": query})
    served = memory()
    commits.set()
    beside: list[float] = []
    while not done.is_set():
        beside += [ask(query) for query in queries[:50]]
    print(line("the whole request, beside commits", beside))
    if set(waited) != {200}:
        raise SystemExit(f"answers other than 200: {waited}")
    print(
        f"\nMemory, MB resident (its share of shared pages): {started[0]} ({started[1]}) when started, ",
        end="",
    )
    print(f"{served[0]} ({served[1]}) after {len(queries):,} queries and {PAGES} pages, ", end="")
    print("{} ({}) after the commits".format(*memory()), flush=True)


def commit(folder: Path, number: int, commits: Event, done: Event) -> None:
    """Be the writer: change some products a second."""
    engine = SearchEngine(folder)
    documents = [hit.document for hit in engine.search(Request("系统", per_page=100)).hits]
    revision = engine.state().revision
    commits.wait()
    for each in range(1, number + 1):
        start = each * CHANGED % len(documents)
        changed = [
            replace(document, summary=f"第 {each} 次更改", revision=revision + each)
            for document in documents[start : start + CHANGED]
        ]
        engine.update(changed, [], revision=revision + each)
        time.sleep(1)
    done.set()


def main() -> None:
    """Import the records, start both processes and let the worker print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=Path, default=REAL if REAL.exists() else None)
    parser.add_argument("--commits", type=int, default=30)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as name:
        folder = Path(name)
        os.environ |= {"REGISTRY_SECRET_KEY": secrets.token_hex(32), "REGISTRY_DATA_DIR": name}
        os.environ |= {"MALLOC_ARENA_MAX": "2"}  # as .ci/serve sets it
        file = chosen.records or written(folder / "products.csv", list(products(FICTITIOUS, clock.today())))
        command("registry", "init")
        command("catalog", "import", str(file))
        print(
            f"Python {platform.python_version()}, {platform.machine()}, {file.name}, {chosen.commits} commits\n"
        )
        sys.stdout.flush()
        spawn = multiprocessing.get_context("spawn")
        commits, done = spawn.Event(), spawn.Event()
        index = settings.load().index_dir
        processes = [
            spawn.Process(target=serve, args=(asked(file), commits, done)),
            spawn.Process(target=commit, args=(index, chosen.commits, commits, done)),
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        if any(process.exitcode for process in processes):
            raise SystemExit(1)


if __name__ == "__main__":
    main()
