"""Whatever is added, changed and taken out, answers equal what Whoosh itself finds and the formula makes of it.

The executor reads postings of several segments into arrays, with deletions and scopes; here every term, conjunction,
count, facet, order and page is compared with an exhaustive run of Whoosh over the same folder, and with the formula
applied to one document after the other.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from whoosh import index, scoring
from whoosh.query import And, Term

from search.analysis import fold, query_terms
from search.analysis.pinyin import in_order
from search.documents import PUBLIC, SCOPES, Document, from_stored
from search.engine import SearchEngine
from search.evidence import IN_CATEGORY_GAIN, IN_NAME_GAIN, SATURATION, evidence
from search.index.schema import INDEX_NAME, TEXT_FIELD, field_terms
from search.index.weights import IN_CATEGORY, IN_NAME, WEIGHT_SHIFT, WEIGHT_STEPS
from search.needs import wording
from search.query import FACETS, Request, Sort, Value
from tests.search.corpus import documents
from tests.search.formula import by_hand

EVERYBODY = frozenset(SCOPES)
EVERY_HIT = 1_000
SHOWN_DIGITS = 2e-4  # scores are shown with four digits
MODELS = documents(200)
SERIALS = st.integers(1, 80)
FLAGS = st.sampled_from((None, False, True))
QUERIES = st.sampled_from(
    (
        "机器人",
        "手术机器人",
        "超声",
        "x-200",
        "pacs",
        "机",
        "智能",
        "首台套",
        "无线传感器",
        "高精度微型减速机",
        "上海 机器人",
        "影像 智能",
        "",
    )
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "list": st.sets(st.sampled_from(("CX", "TZ", "RJ")), min_size=1).map(tuple),
        "field": st.sets(st.sampled_from((None, "life_health")), min_size=1).map(tuple),
        "year": st.sets(st.sampled_from((None, 2024, 2026)), min_size=1).map(tuple),
        "green": st.sets(FLAGS, min_size=1).map(tuple),
        "park": st.just((None,)),
    },
)


@st.composite
def products(draw: st.DrawFn) -> Document:
    model, serial = draw(st.sampled_from(MODELS)), draw(SERIALS)
    return replace(model, code=f"P{serial:06d}", green=draw(FLAGS), park=draw(st.sampled_from((None, "ZJ"))))


class Strength(scoring.WeightingModel):
    """Score a term in Whoosh as the executor does."""

    def scorer(self, *_arguments: Any, **_options: Any) -> scoring.BaseScorer:
        class Scorer(scoring.BaseScorer):
            def score(self, matcher: Any) -> float:
                kept = int(matcher.weight())
                weight = (kept >> WEIGHT_SHIFT) / WEIGHT_STEPS
                in_name, in_category = bool(kept & IN_NAME), bool(kept & IN_CATEGORY)
                return (
                    weight / (SATURATION + weight) + IN_NAME_GAIN * in_name + IN_CATEGORY_GAIN * in_category
                )

        return Scorer()


class IndexMachine(RuleBasedStateMachine):
    """One index over time, and beside it the documents that it ought to hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.engine = SearchEngine(self.folder / "index")
        self.held: dict[str, Document] = {}
        self.revision = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(size=st.integers(0, 60))
    def build(self, size: int) -> None:
        self.held = {product.code: product for product in MODELS[:size]}
        self.engine.rebuild(self.held.values(), revision=0)

    @rule(changed=st.lists(products(), max_size=8), removed=st.sets(SERIALS, max_size=4))
    def update(self, changed: list[Document], removed: set[int]) -> None:
        self.revision += 1
        codes = {f"P{serial:06d}" for serial in removed} - {product.code for product in changed}
        self.engine.update(changed, codes, self.revision)
        self.held |= {product.code: product for product in changed}
        self.held = {code: product for code, product in self.held.items() if code not in codes}

    @rule()
    def rebuild(self) -> None:
        self.engine.rebuild(self.held.values(), self.revision)

    @rule(query=QUERIES.filter(bool))
    def whoosh_finds_the_same(self, query: str) -> None:
        view, terms = self.engine.reader.snapshot().view(EVERYBODY), query_terms(query)
        opened = index.open_dir(str(self.engine.path), INDEX_NAME)
        with opened.searcher(weighting=Strength()) as searcher:

            def found(wanted: Any) -> dict[str, float]:
                return {hit.fields()["document"][0]: hit.score for hit in searcher.search(wanted, limit=None)}

            for term in terms:
                strong = evidence(view, wording(term))
                assert dict(self._scored(strong.documents, strong.strength)) == pytest.approx(
                    found(Term(TEXT_FIELD, term))
                )
            whole = evidence(view, wording(fold(query)))
            assert {code for code, _ in self._scored(whole.documents, whole.strength)} == set(
                found(And([Term(TEXT_FIELD, term) for term in terms]))
            )

    def _scored(self, numbers: Any, scores: Any) -> list[tuple[str, float]]:
        codes = self.engine.reader.snapshot().codes
        return [
            (codes[number], score) for number, score in zip(numbers.tolist(), scores.tolist(), strict=True)
        ]

    @rule(
        query=QUERIES,
        filters=FILTERS,
        scopes=st.sampled_from((PUBLIC, EVERYBODY)),
        per_page=st.integers(1, 7),
        page=st.integers(1, 5),
    )
    def the_formula_ranks_and_counts_the_same(
        self, query: str, filters: dict[str, Any], scopes: frozenset[str], per_page: int, page: int
    ) -> None:
        asked = Request(query, filters=filters, scopes=scopes, per_page=EVERY_HIT)
        result = self.engine.search(asked)
        codes = [hit.code for hit in result.hits]
        seen = [product for product in self.held.values() if product.scope in scopes]
        if result.corrected is None:
            scores = {code: score for score, code in by_hand(seen, query, scopes)} if query and seen else {}
            matching = [product for product in seen if not query or product.code in scores]
            self._counts_are_right(result.facets, matching, filters)
            assert set(codes) == {product.code for product in matching if _passes(product, filters)}
            if query:
                assert [hit.relevance for hit in result.hits] == pytest.approx(
                    [scores[code] for code in codes], abs=SHOWN_DIGITS
                )
        self._order_is_right(codes, [hit.relevance or 0.0 for hit in result.hits])
        assert result.total == len(codes)
        part = self.engine.search(replace(asked, page=page, per_page=per_page))
        assert [hit.code for hit in part.hits] == codes[(page - 1) * per_page : page * per_page]
        assert (part.total, part.facets) == (result.total, result.facets)

    def _counts_are_right(
        self, facets: dict[str, list[tuple[Value, int]]], matching: list[Document], filters: dict[str, Any]
    ) -> None:
        for name in FACETS:
            counted = [product for product in matching if _passes(product, filters, but=name)]
            tally = Counter(value for product in counted for value in _values(product, name))
            assert dict(facets[name]) == dict.fromkeys(filters.get(name, ()), 0) | tally

    def _order_is_right(self, codes: list[str], scores: list[float]) -> None:
        assert scores == sorted(scores, reverse=True)
        alike = [str(field_terms(self.held[code])) for code in codes]
        for first, second in zip(range(len(codes)), range(1, len(codes)), strict=False):
            if alike[first] == alike[second] and scores[first] == scores[second]:
                assert codes[first] < codes[second]

    @rule(sort=st.sampled_from(("date", "name")), stop=st.integers(1, 40))
    def everything_comes_in_the_order_asked_for(self, sort: Sort, stop: int) -> None:
        found = self.engine.search(Request(scopes=EVERYBODY, sort=sort, per_page=stop))
        keys = {
            "date": lambda each: (-(each.listed_on.toordinal() if each.listed_on else 0), each.code),
            "name": lambda each: (in_order(fold(each.name)), each.code),
        }
        expected = sorted(self.held.values(), key=keys[sort])[:stop]
        assert [hit.code for hit in found.hits] == [each.code for each in expected]

    @invariant()
    def whoosh_holds_the_same_documents(self) -> None:
        if not self.engine.path.exists():
            return  # before it is built
        with index.open_dir(str(self.engine.path), INDEX_NAME).reader() as reader:
            stored = [from_stored(each["document"]) for each in reader.all_stored_fields()]
        assert {product.code: product for product in stored} == self.held
        assert len(stored) == len(self.held)


def _passes(product: Document, filters: dict[str, Any], *, but: str = "") -> bool:
    return all(set(values) & set(_values(product, name)) for name, values in filters.items() if name != but)


def _values(product: Document, name: str) -> list[Value]:
    if name == "list":
        return [listed.list for listed in product.lists] or [None]
    value: Value = getattr(product, name)
    return [value]


TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
