"""Time the search against stock Whoosh, well set up, and against tantivy, interleaved in one run.

    python benchmarks/search.py                       1,500 and 15,000 fictitious products, and the real ones
    python benchmarks/search.py --sizes 150000        more
    python benchmarks/search.py --records FILE.csv    real records from elsewhere

One query is a conjunction of one to four bigrams of a product's name; each may stand in the name, the unit, the category
or the summary. Everybody gets the same terms, made by our analysis, and answers with the ten best, the exact count and
four facets; the counts must agree, or the run stops. "Ours" answers the terms as the others do; "ours, whole" is what a
visitor waits for: analysis of the text, words and proximity, stored records, highlights, five facets.

A worker of its own then opens our index and answers the queries, each for the first time, with pages of fifty: what one web
worker needs of memory for the search, and how long a visitor waits.

Everybody answers all queries in turn, several rounds long and in another order each: warm is each query's best, the
median over queries, and below the table all of them together; first touch is the mean over queries that a freshly opened
index answers for the first time. Ratios compare figures of the same run.
"""

from __future__ import annotations

import argparse
import csv
import gc
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib.metadata import version
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Protocol

sys.path[0] = str(
    Path(__file__).parents[1]
)  # the registry, in place of this folder, whose file shadows a package

import numpy as np
import tantivy
from whoosh import fields, index, query, scoring, sorting
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.collectors import FacetCollector, TopCollector

from catalog.demo.products import products
from search.analysis import terms, warm_up
from search.documents import LISTS, Document, ListedIn
from search.engine import SearchEngine
from search.index.weights import LENGTH_SHARE, WEIGHTS
from search.query import Request
from search.query_selecting import most_frequent, ordered

REAL = Path(__file__).parents[2] / "shared" / "data" / "real_products.csv"
TODAY = date(2026, 1, 1)  # the fiction follows it
SIZES = (1_500, 15_000)
QUERIES = 200
ROUNDS = 7
TOP = 10
LONG_PAGE = 50
TEXTS = ("name", "organization", "category", "summary")
FACETS = ("list", "field", "district", "year")
SATURATION = 1.2  # BM25's k1

Answer = tuple[int, int]  # the total, and how many facet values have a count
Terms = tuple[str, ...]


class Contestant(Protocol):
    """An index of the same documents."""

    def build(self, documents: Sequence[Document]) -> None:
        """Write the index."""

    def open(self) -> None:
        """Open it as a process does that has just started."""

    def ask(self, asked: Terms) -> Answer:
        """Answer one query."""

    def update(self, document: Document) -> None:
        """Replace a document, and return when a search finds it."""


# --- contestants --------------------------------------------------------------------------------------------------


class Ours:
    """The NumPy executor over the index that the registry writes."""

    def __init__(self, folder: Path) -> None:
        """Take a folder."""
        self.folder = folder

    def build(self, documents: Sequence[Document]) -> None:
        """Write the index in bulk."""
        SearchEngine(self.folder).rebuild(documents, revision=1)

    def open(self) -> None:
        """Open the snapshot and what the public sees of it."""
        self.engine = SearchEngine(self.folder)
        self.view = self.engine.reader.snapshot().view(Request().scopes)

    def ask(self, asked: Terms) -> Answer:
        """Intersect the terms, rarest first, sum their weights, count and rank."""
        first, *others = sorted(
            (self.view.term(term) for term in asked), key=lambda each: len(each.documents)
        )
        documents, scores = first.documents, self._impact(first.weights, len(first.documents))
        for term in others:
            if not len(documents):
                break
            places = term.documents.searchsorted(documents)
            held = term.documents.take(places, mode="clip") == documents
            documents = documents[held]
            scores = scores[held] + self._impact(term.weights[places[held]], len(term.documents))
        ordered(self.view, documents, scores, "relevance", TOP)
        facets = most_frequent(self.view, documents, FACETS)
        return len(documents), sum(map(len, facets.values()))

    def _impact(self, weights: Any, documents: int) -> Any:
        rarity = np.log((self.view.count - documents + 0.5) / (documents + 0.5) + 1)
        return rarity * weights * (SATURATION + 1) / (weights + SATURATION)

    def update(self, document: Document) -> None:
        """Update as the worker does."""
        self.engine.update([document], [], revision=2)
        self.engine.search(Request(q=document.name, per_page=1))


class OursWhole(Ours):
    """The engine as pages and the API ask it."""

    def ask(self, asked: Terms) -> Answer:
        """Search for the text."""
        result = self.engine.search(Request(q=" ".join(asked), per_page=TOP))
        return result.total, 0


class StockWhoosh:
    """Whoosh's own writer, matchers, collectors and facets; exact top ten, one open searcher."""

    def __init__(self, folder: Path) -> None:
        """Take a folder."""
        self.folder = folder

    def build(self, documents: Sequence[Document]) -> None:
        """Write the index with a large buffer."""
        self.folder.mkdir()
        text = fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False)
        number = fields.NUMERIC(sortable=True)
        schema = fields.Schema(
            code=fields.ID(stored=True, unique=True),
            **dict.fromkeys(TEXTS, text),
            **dict.fromkeys(FACETS, number),
        )
        writer = index.create_in(str(self.folder), schema).writer(limitmb=512)
        for document in documents:
            writer.add_document(**self._values(document))
        writer.commit()

    def _values(self, document: Document) -> dict[str, Any]:
        return {"code": document.code} | spelled(document) | numbered(document)

    def open(self) -> None:
        """Open a searcher."""
        self.index = index.open_dir(str(self.folder))
        self.searcher = self.index.searcher(weighting=scoring.BM25F(B=LENGTH_SHARE, K1=SATURATION))

    def ask(self, asked: Terms) -> Answer:
        """Collect every match, keep the ten best, count four facets."""
        wanted = query.And(
            [query.Or([query.Term(name, term, WEIGHTS[name]) for name in TEXTS]) for term in asked]
        )
        collector = FacetCollector(
            TopCollector(TOP, replace=0),
            {name: sorting.FieldFacet(name) for name in FACETS},
            maptype=sorting.Count,
        )
        self.searcher.search_with_collector(wanted, collector)
        results = collector.results()
        return len(results), sum(len(results.groups(name)) for name in FACETS)

    def update(self, document: Document) -> None:
        """Update, commit, refresh."""
        writer = self.index.writer()
        writer.update_document(**self._values(document))
        writer.commit()
        self.searcher = self.searcher.refresh()
        self.ask(tuple(terms(document.name)[:1]))


class Tantivy:
    """The Rust engine through its own Python binding."""

    def __init__(self, folder: Path) -> None:
        """Take a folder."""
        self.folder = folder
        builder = tantivy.SchemaBuilder().add_text_field("code", tokenizer_name="raw", stored=True)
        for name in TEXTS:
            builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
        for name in FACETS:
            builder.add_unsigned_field(name, fast=True)
        self.schema = builder.build()

    def _index(self) -> Any:
        found = tantivy.Index(self.schema, path=str(self.folder))
        found.register_tokenizer(
            "spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        )
        return found

    def _document(self, document: Document) -> Any:
        made = tantivy.Document(code=[document.code])
        for name, text in spelled(document).items():
            made.add_text(name, text)
        for name, number in numbered(document).items():
            made.add_unsigned(name, number)
        return made

    def build(self, documents: Sequence[Document]) -> None:
        """Write the index with one thread, as the others do."""
        self.folder.mkdir()
        writer = self._index().writer(heap_size=512_000_000, num_threads=1)
        for document in documents:
            writer.add_document(self._document(document))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        """Open a searcher."""
        self.index = self._index()
        self.searcher = self.index.searcher()

    def ask(self, asked: Terms) -> Answer:
        """Search, then aggregate the four facets."""
        wanted = tantivy.Query.boolean_query(
            [
                (
                    tantivy.Occur.Must,
                    tantivy.Query.boolean_query(
                        [
                            (
                                tantivy.Occur.Should,
                                tantivy.Query.boost_query(
                                    tantivy.Query.term_query(self.schema, name, term, index_option="freq"),
                                    WEIGHTS[name],
                                ),
                            )
                            for name in TEXTS
                        ]
                    ),
                )
                for term in asked
            ]
        )
        found = self.searcher.search(wanted, TOP, count=True)
        counted = self.searcher.aggregate(
            wanted, {name: {"terms": {"field": name, "size": 1_000}} for name in FACETS}
        )
        return found.count, sum(len(counted[name]["buckets"]) for name in FACETS)

    def update(self, document: Document) -> None:
        """Update, commit, reload."""
        writer = self.index.writer(heap_size=64_000_000, num_threads=1)
        writer.delete_documents_by_term("code", document.code)
        writer.add_document(self._document(document))
        writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()
        self.ask(tuple(terms(document.name)[:1]))


CONTESTANTS: dict[str, Callable[[Path], Contestant]] = {
    "ours": Ours,
    "ours, whole": OursWhole,
    "stock Whoosh": StockWhoosh,
    "tantivy": Tantivy,
}
WRITERS = ("ours", "stock Whoosh", "tantivy")  # "ours, whole" reads the same index as ours


# --- the material -------------------------------------------------------------------------------------------------


def spelled(document: Document) -> dict[str, str]:
    """Return each text as its terms between blanks."""
    return {name: " ".join(terms(text)) for name in TEXTS if (text := getattr(document, name))}


NUMBERS: dict[str, dict[Any, int]] = {name: {} for name in FACETS}


def numbered(document: Document) -> dict[str, int]:
    """Return each facet's value as a number; one list per document, for a number holds no set."""
    values = {
        "list": document.lists[0].list if document.lists else None,
        "field": document.field,
        "district": document.district,
        "year": document.year,
    }
    return {name: NUMBERS[name].setdefault(value, len(NUMBERS[name])) for name, value in values.items()}


def fictitious(count: int) -> list[Document]:
    """Return the first products of the demonstration."""
    return _documents(products(count, TODAY), district="所在区")


def real(path: Path) -> list[Document]:
    """Return records of a file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _documents((row for row in csv.DictReader(file) if row["产品名称"].strip()), district="地区")


def _documents(rows: Iterable[Mapping[str, str]], district: str) -> list[Document]:
    """Return a document for each row; their lists are drawn, for a file has none."""
    rng = Random(0)
    return [
        Document(
            code=f"P{number:06d}",
            name=row["产品名称"],
            organization=row["申报单位"] or None,
            category=row["细分类别"] or None,
            summary=row["产品简介"] or None,
            field=row["产业领域"] or None,
            district=row[district] or None,
            year=int(row["年份"]) if row["年份"].isdigit() else None,
            lists=(ListedIn(rng.choice(LISTS), f"X-{number}", None, "active"),),
        )
        for number, row in enumerate(rows, 1)
    ]


def questions(documents: Sequence[Document]) -> list[Terms]:
    """Return queries of one to four terms that follow each other in some product's name."""
    rng = Random(7)
    found: list[Terms] = []
    while len(found) < QUERIES:
        named = [term for term in terms(rng.choice(documents).name) if len(term) == 2]
        length = rng.randint(1, 4)
        if len(named) >= length:
            start = rng.randint(0, len(named) - length)
            found.append(tuple(dict.fromkeys(named[start : start + length])))
    return found


# --- the measurement ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """What one contestant needed: milliseconds, but the build in seconds of CPU."""

    warm: float
    warm_mean: float
    warm_p95: float
    first: float
    build: float
    update: float
    size_mb: float


def measure(documents: Sequence[Document], folder: Path) -> dict[str, Figures]:
    """Run everybody over the same documents and queries."""
    asked = questions(documents)
    warm_up()  # everybody's terms come from our analysis, and the first who builds would load it for all
    builds, everybody = {}, {}
    for name, make in CONTESTANTS.items():
        place = folder / ("ours" if name not in WRITERS else name.replace(" ", "-"))
        everybody[name] = make(place)
        if name in WRITERS:
            gc.collect()
            started = time.process_time()
            everybody[name].build(documents)
            builds[name] = time.process_time() - started
    first = dict.fromkeys(everybody, 0.0)
    for contestant in everybody.values():
        contestant.open()
    answers: dict[Terms, Answer] = {}
    for terms_asked in asked:
        for name, contestant in everybody.items():
            started = time.perf_counter()
            answer = contestant.ask(terms_asked)
            first[name] += time.perf_counter() - started
            if name in WRITERS and answers.setdefault(terms_asked, answer) != answer:
                raise SystemExit(f"{name} answers {terms_asked} with {answer}, not {answers[terms_asked]}")
    best: dict[str, dict[Terms, float]] = {name: {} for name in everybody}
    for round_ in range(ROUNDS):
        order = list(everybody.items())
        order = order[round_ % len(order) :] + order[: round_ % len(order)]
        for name, contestant in order:
            for terms_asked in asked:
                started = time.perf_counter()
                contestant.ask(terms_asked)
                taken = time.perf_counter() - started
                best[name][terms_asked] = min(taken, best[name].get(terms_asked, taken))
    updates: dict[str, list[float]] = {name: [] for name in WRITERS}
    for number, document in enumerate(islice(documents, ROUNDS)):
        changed = replace(document, name=f"{document.name}改{number}")
        for name in WRITERS:
            started = time.perf_counter()
            everybody[name].update(changed)
            updates[name].append(time.perf_counter() - started)
    return {
        name: Figures(
            warm=statistics.median(best[name].values()) * 1e3,
            warm_mean=statistics.mean(best[name].values()) * 1e3,
            warm_p95=statistics.quantiles(best[name].values(), n=20)[-1] * 1e3,
            first=first[name] / len(asked) * 1e3,
            build=builds.get(name, builds["ours"]),
            update=statistics.median(updates.get(name, updates["ours"])) * 1e3,
            size_mb=_size(folder / ("ours" if name not in WRITERS else name.replace(" ", "-"))),
        )
        for name in everybody
    }


def worker(folder: Path, asked: Sequence[Terms]) -> tuple[list[float], float]:
    """Answer each query once in this process; return the milliseconds of each, and the most MB that were held."""
    engine = SearchEngine(folder)
    engine.search(Request())
    taken = []
    for terms_asked in asked:
        started = time.perf_counter()
        engine.search(Request(q=" ".join(terms_asked), per_page=LONG_PAGE))
        taken.append((time.perf_counter() - started) * 1e3)
    status = Path(
        "/proc/self/status"
    ).read_text()  # getrusage still tells of the process that started this one
    return taken, int(status.split("VmHWM:")[1].split()[0]) / 1024


def _size(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def table(count: int, what: str, figures: dict[str, Figures]) -> Iterable[str]:
    """Yield the lines of a Markdown table."""
    yield f"### {count:,} {what}"
    yield ""
    yield "| | warm p50, ms | warm p95, ms | first touch, mean ms | build, CPU s | update to visible, ms | index, MB |"
    yield "|---|---|---|---|---|---|---|"
    for name, each in figures.items():
        yield (
            f"| {name} | {each.warm:.3f} | {each.warm_p95:.3f} | {each.first:.3f} | {each.build:.1f} "
            f"| {each.update:.0f} | {each.size_mb:.0f} |"
        )
    ours = figures["ours"]
    for name in ("stock Whoosh", "tantivy"):
        peer = figures[name]
        yield (
            f"| *ours / {name}* | {ours.warm / peer.warm:.2f} | {ours.warm_p95 / peer.warm_p95:.2f} "
            f"| {ours.first / peer.first:.2f} | {ours.build / peer.build:.2f} "
            f"| {ours.update / peer.update:.2f} | {ours.size_mb / peer.size_mb:.2f} |"
        )
    yield ""
    whoosh, tantivy = (figures[name].warm_mean for name in ("stock Whoosh", "tantivy"))
    yield (
        f"all queries together, warm: stock Whoosh takes {whoosh / ours.warm_mean:.0f} times as long as ours, "
        f"tantivy {tantivy / ours.warm_mean:.1f} times"
    )
    yield ""


def main() -> None:
    """Print one table for each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of fictitious products")
    parser.add_argument(
        "--records", type=Path, default=REAL if REAL.exists() else None, help="a CSV of real ones"
    )
    chosen = parser.parse_args()
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, whoosh-reloaded {version('whoosh-reloaded')}, "
        f"tantivy {version('tantivy')}, {platform.machine()}, {QUERIES} queries, best of {ROUNDS} rounds\n"
    )
    corpora = [("fictitious products", partial(fictitious, size)) for size in chosen.sizes]
    if chosen.records:
        corpora.append(("real records", partial(real, chosen.records)))
    for what, load in corpora:
        folder = Path(tempfile.mkdtemp(prefix="bench-search-"))
        try:
            documents = load()
            for line in table(len(documents), what, measure(documents, folder)):
                print(line, flush=True)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                taken, memory = pool.submit(worker, folder / "ours", questions(documents)).result()
            print(
                f"a worker of its own, pages of {LONG_PAGE}: p50 {statistics.median(taken):.1f} ms, "
                f"p95 {statistics.quantiles(taken, n=20)[-1]:.1f} ms, {memory:.0f} MB at most\n",
                flush=True,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # tantivy may still tidy up in its own thread


if __name__ == "__main__":
    main()
