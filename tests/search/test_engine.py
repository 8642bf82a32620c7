"""Answers of the engine, checked against scoring every document by hand."""

from __future__ import annotations

import math
import operator
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import synonyms
from search.analysis import compact, fold
from search.documents import PUBLIC, Document, ListedIn
from search.engine import SearchEngine
from search.evidence import IN_NAME_GAIN, SATURATION, WAY_GAIN
from search.index.schema import HEAD_FIELD, NUMBER_FIELD, TEXT_FIELD, field_terms
from search.index.weights import IN_NAME, IN_UNIT, WEIGHT_SHIFT, WEIGHT_STEPS
from search.needs import Wording, understand
from search.query import MAX_QUERY_CHARACTERS, QueryTooLongError, Request, Result, Value, validate_query
from search.query_matching import (
    BEST_SHARE,
    ENOUGH,
    FOREIGN_SHARE,
    LONE_COVERAGE,
    LONG_COVERAGE,
    NUMBER_DIGITS,
    NUMBER_LEAST,
    NUMBERED_SCORE,
    OUTSIDE_NAME,
    RARE_IDF,
    SHORT,
    SHORT_COVERAGE,
    UNKNOWN_SHARE,
    WHOLE_SHARE,
)
from tests.search.conftest import MakeDocument, MakeEngine
from tests.search.corpus import documents

BUYER = frozenset({"public", "verified_buyers"})
QUERIES = (
    "机器人",
    "手术机器人",
    "超声",
    "x-200",
    "pacs",
    "机",
    "上海示例 智能",
    "首台套",
    "示例械注准2026000010",
    "示例械注准20260000",
    "能在手术中用的机器人",
    "无线传感器",
    "变频驱动",
    "MRI",
    "微型协作国产减速机",
)


def codes(result: Result) -> list[str]:
    return [hit.code for hit in result.hits]


def by_hand(products: list[Document], query: str, scopes: frozenset[str]) -> list[tuple[float, str]]:
    """Score every visible document by the formula, one at a time; best first."""
    asked = understand(query, synonyms.default())
    seen = [Held(product) for product in products if product.scope in scopes]
    number = compact(fold(query))
    numbers = {form for each in seen for form in each.numbers if form.startswith(number)}
    numbered = numbers & {number} or numbers
    is_number = len(number) >= NUMBER_LEAST and sum(map(str.isdigit, number)) >= NUMBER_DIGITS
    frequencies = [
        max(sum(each.strength(way) > 0 for each in seen) for way in need.wordings) for need in asked.needs
    ]
    idfs = [math.log1p((len(seen) - frequency + 0.5) / (frequency + 0.5)) for frequency in frequencies]
    unknown = UNKNOWN_SHARE if asked.is_sentence else 1.0
    weights = [
        need.share * min(idf, RARE_IDF) * (1.0 if frequency else unknown)
        for need, idf, frequency in zip(asked.needs, idfs, frequencies, strict=True)
    ]
    scored = []
    for each in seen:
        parts = [max(way.trust * each.strength(way) for way in need.wordings) for need in asked.needs]
        met = [max(way.trust * each.place(way) for way in need.wordings) for need in asked.needs]
        score = sum(need.share * idf * part for need, idf, part in zip(asked.needs, idfs, parts, strict=True))
        coverage = sum(map(operator.mul, weights, met)) / sum(weights)
        whole = [way for way in asked.whole if each.strength(way)]
        score = max([score, *(way.trust * sum(weights) * each.strength(way) for way in whole)])
        score += (
            WHOLE_SHARE
            * sum(weights)
            * max((way.trust * (1 + each.strength(way)) for way in whole), default=0)
        )
        is_numbered = is_number and not numbered.isdisjoint(each.numbers)
        coverage = max([coverage, *(way.trust for way in whole)])
        scored.append((score + NUMBERED_SCORE * is_numbered, coverage, bool(whole) or is_numbered, each))
    strict = [entry for entry in scored if entry[2]]
    of_a_unit = any(entry[3].is_unit(way) for entry in strict for way in asked.whole)
    if len(strict) >= ENOUGH or of_a_unit or (is_number and numbered):
        hits = [(score, each.code) for score, _, _, each in strict]
    else:
        is_description = asked.is_sentence or len(asked.needs) > SHORT
        lacks = any(
            not each and need.share > FOREIGN_SHARE
            for each, need in zip(frequencies, asked.needs, strict=True)
        )
        least = LONG_COVERAGE if is_description else SHORT_COVERAGE if strict else LONE_COVERAGE
        least = max(least, BEST_SHARE * max(coverage for _, coverage, _, _ in scored))
        is_loose = is_description or not lacks
        hits = [
            (score * (1 if is_strict else coverage), each.code)
            for score, coverage, is_strict, each in scored
            if is_strict or (is_loose and coverage >= least)
        ]
    return sorted(((round(score, 4), code) for score, code in hits), key=lambda hit: (-hit[0], hit[1]))


class Held:
    """What one document holds, read straight from the terms that are indexed of it."""

    def __init__(self, product: Document) -> None:
        self.code = product.code
        found = field_terms(product)
        self.numbers = found[NUMBER_FIELD]
        self._text, self._head = found[TEXT_FIELD], found[HEAD_FIELD]

    def strength(self, wording: Wording) -> float:
        kept = [self._text.get(term, 0) for term in wording.terms]
        if not all(kept):
            return 0.0
        weight = min(each >> WEIGHT_SHIFT for each in kept) / WEIGHT_STEPS
        ways = self._head.get(wording.text, 0)
        gains = sum(gain for way, gain in WAY_GAIN.items() if ways & way)
        return weight / (SATURATION + weight) + IN_NAME_GAIN * self._is_in(wording, IN_NAME) + gains

    def place(self, wording: Wording) -> float:
        if not self.strength(wording):
            return 0.0
        return 1.0 if self._is_in(wording, IN_NAME) or self.is_unit(wording) else OUTSIDE_NAME

    def is_unit(self, wording: Wording) -> bool:
        return self._is_in(wording, IN_UNIT)

    def _is_in(self, wording: Wording, place: int) -> bool:
        return all(self._text.get(term, 0) & place for term in wording.terms)


@pytest.mark.parametrize("scopes", [PUBLIC, BUYER])
def test_the_page_holds_the_true_best_when_every_document_is_scored_by_hand(
    engine: MakeEngine, scopes: frozenset[str]
) -> None:
    products = documents(400)
    built = engine(products)

    for query in QUERIES:
        expected = by_hand(products, query, scopes)
        result = built.search(Request(query, scopes=scopes, per_page=10))
        assert result.total == len(expected)
        assert sorted(codes(result)) == sorted(code for _, code in expected[:10]) or _tied(result, expected)
        assert [hit.relevance for hit in result.hits] == pytest.approx(
            [score for score, _ in expected[:10]], abs=2e-4
        )


def _tied(result: Result, expected: list[tuple[float, str]]) -> bool:
    """Tell whether the page differs only among documents that rounding makes equal to the last one."""
    scores = {code: score for score, code in expected}
    return all(scores[code] >= expected[9][0] - 2e-4 for code in codes(result))


def test_pages_follow_one_another_without_gap_when_many_scores_are_equal(engine: MakeEngine) -> None:
    built = engine(documents(600))
    whole = codes(built.search(Request("机器人", per_page=600)))

    pages = [
        codes(built.search(Request("机器人", page=page, per_page=7)))
        for page in range(1, len(whole) // 7 + 2)
    ]

    assert [code for page in pages for code in page] == whole
    assert len(set(whole)) == len(whole)


def test_equal_hits_come_by_code_when_the_serial_has_grown_longer(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine(document("超声仪", code=code) for code in ("P1000000", "P000002", "P999999"))

    assert codes(built.search(Request("超声仪"))) == ["P000002", "P999999", "P1000000"]


@pytest.mark.parametrize("scopes", [PUBLIC, BUYER])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"list": ("CX",)},
        {"list": ("TZ", "RJ"), "year": (2025, None)},
        {"field": (None,), "first_on_market": (True,)},
        {"district": ("310115",), "field": ("life_health", None), "list": ("CX", "PC")},
    ],
)
def test_counts_equal_counting_by_hand_when_filters_are_set(
    engine: MakeEngine, filters: dict[str, tuple[Value, ...]], scopes: frozenset[str]
) -> None:
    products = documents(500)
    result = engine(products).search(Request("机器人", filters=filters, scopes=scopes, per_page=100))
    found = {code for _, code in by_hand(products, "机器人", scopes)}
    matching = [product for product in products if product.code in found]

    def passes(product: Document, *, but: str = "") -> bool:
        return all(
            set(values) & set(_values(product, name)) for name, values in filters.items() if name != but
        )

    assert result.total == sum(passes(product) for product in matching)
    for name, counts in result.facets.items():
        tally = Counter(value for each in matching if passes(each, but=name) for value in _values(each, name))
        assert dict(counts) == dict.fromkeys(filters.get(name, ()), 0) | tally


def _values(product: Document, name: str) -> list[Value]:
    if name == "list":
        return [listed.list for listed in product.lists] or [None]
    value: Any = getattr(product, name)
    return [value]


def test_everything_comes_in_order_when_nothing_is_asked(engine: MakeEngine, document: MakeDocument) -> None:
    built = engine(
        [
            document("丙", listed_on=date(2025, 1, 1)),
            document("Ａ", listed_on=None),
            document("乙", listed_on=date(2026, 1, 1)),
        ]
    )

    assert codes(built.search(Request())) == ["P000001", "P000002", "P000003"]
    assert codes(built.search(Request(sort="date"))) == ["P000003", "P000001", "P000002"]
    assert codes(built.search(Request(sort="name"))) == ["P000002", "P000001", "P000003"]
    assert built.search(Request()).hits[0].relevance is None


def test_words_are_ranked_but_never_widen_the_match_when_a_query_is_short(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("超声波清洗机"), document("彩色超声诊断仪"), document("声学超材料")])

    assert built.search(Request("超声")).total == 2


def test_most_of_a_description_is_enough_when_nothing_holds_all_of_it(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("病房空气消毒机"), document("空气压缩机"), document("数控机床")])

    result = built.search(Request("能给病房空气消毒的机器"))

    assert (result.strictness, codes(result)) == ("most", ["P000001"])


def test_what_comes_close_stands_apart_when_nothing_is_what_was_named(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("防火卷帘"), document("外墙涂料")])

    result = built.search(Request("防火涂料"))

    assert (result.strictness, result.total) == ("all", 0)
    assert [hit.code for hit in result.nearest] == ["P000002", "P000001"]


def test_what_meets_part_of_a_name_follows_when_little_meets_all_of_it(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine(
        [document("涂覆隔膜"), document("锂电池隔膜"), *(document(f"防护膜{n}") for n in range(8))]
    )

    result = built.search(Request("锂电池隔膜"))

    assert (result.strictness, codes(result)) == ("most", ["P000002", "P000001"])


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("助听气", "助听器"),
        ("zhutingqi", "助听器"),
        ("ztq", "助听器"),
        ("zhu ting qi", "助听器"),
        ("骨导住听器", "骨导助听器"),
        ("古倒助听器", "骨导助听器"),
        ("骨导助听期器", "骨导助听器"),
        ("tigarbot", "tigerbot"),
        ("shiliqiming", "示例启明"),
    ],
)
def test_what_was_meant_is_searched_and_told_when_nothing_answers_what_was_typed(
    engine: MakeEngine, document: MakeDocument, query: str, meant: str
) -> None:
    built = engine(
        [
            document("骨导助听器"),
            document("TigerBot大模型"),
            document("减速机", organization="上海示例启明自动化有限公司"),
        ]
    )

    result = built.search(Request(query))

    assert result.corrected == meant
    assert codes(result) == codes(built.search(Request(meant)))
    assert result.total == 1


@pytest.mark.parametrize("query", ["助听器", "减速机", "骨导", "月嫂家政", "进口猫粮", "qwrtp"])
def test_nothing_is_corrected_when_the_query_is_known_or_means_something_else(
    engine: MakeEngine, document: MakeDocument, query: str
) -> None:
    assert engine([document("骨导助听器"), document("减速机")]).search(Request(query)).corrected is None


def test_a_product_stands_under_its_other_names_when_the_table_knows_them(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("接触镜护理液"), document("镜片清洗液")])

    assert codes(built.search(Request("隐形眼镜护理液"))) == ["P000001"]


def test_the_thing_itself_comes_before_what_belongs_to_it_when_both_bear_its_name(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine(
        [document("呼吸机用管路"), document("呼吸机配件包"), document("无创呼吸机"), document("呼吸机")]
    )

    assert codes(built.search(Request("呼吸机"))) == ["P000004", "P000003", "P000002", "P000001"]


@pytest.mark.parametrize(
    "query",
    [
        "示例械注准20263140001",
        "示例械注准2026314",
        "20263140001",
        "CX-2026-01-0001",
        "cx2026010001",
        "P000001",
        "CD-03338",
    ],
)
def test_one_product_is_found_when_its_number_or_the_beginning_of_it_is_typed(
    engine: MakeEngine, document: MakeDocument, query: str
) -> None:
    built = engine(
        [
            document("监护仪", registration_number="示例械注准20263140001", source_ref="CD-03338"),
            document("监护仪", registration_number="示例械注准20263210002", source_ref="CD-03339"),
            document("型号 20263140001 的监护仪配件"),
        ]
    )

    assert codes(built.search(Request(query)))[0] == "P000001"


@pytest.mark.parametrize("query", ["！？；", "qwxzk", "月嫂家政", "\ud800", "' OR 1=1 --", '"((', "\x00"])
def test_nothing_is_found_when_a_query_is_noise(
    engine: MakeEngine, document: MakeDocument, query: str
) -> None:
    result = engine([document("手术机器人"), document("超声诊断仪")]).search(Request(query))

    assert (result.total, result.hits, result.nearest) == (0, (), ())


def test_a_query_is_cut_when_it_exceeds_the_limit_and_refused_in_one_sentence_by_its_check(
    engine: MakeEngine, document: MakeDocument
) -> None:
    long = "超声" * 2500

    assert engine([document("超声超声超声")]).search(Request(long)).total == 1
    with pytest.raises(QueryTooLongError, match=f"^检索词（q）最多 {MAX_QUERY_CHARACTERS} 个字符") as caught:
        validate_query(long)
    assert caught.value.parameter == "q"


def test_nothing_hidden_shows_in_any_answer_when_the_same_world_lacks_it(engine: MakeEngine) -> None:
    products = documents(600)
    with_hidden, without = engine(products), engine(each for each in products if each.scope == "public")

    for query in ("", *QUERIES, "手术机器人用于远程操作的设备"):
        for sort in ("relevance", "date", "name"):
            request = Request(query, sort=sort, per_page=100)  # type: ignore[arg-type] # mypy widens the loop's values
            assert with_hidden.search(request) == without.search(request)
        assert with_hidden.suggest(query[:2]) == without.suggest(query[:2])


def test_names_units_and_categories_are_suggested_when_they_hold_the_typed_text(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine(
        [
            document("手术机器人", organization="上海机器人示例有限公司", category="高端装备 / 机器人"),
            document("机器人关节"),
            document("机器人控制器", scope="not_published"),
        ]
    )

    assert [(each.text, each.kind, each.code) for each in built.suggest("機器人", limit=6)] == [
        ("机器人关节", "product", "P000002"),
        ("手术机器人", "product", "P000001"),
        ("上海机器人示例有限公司", "organization", None),
        ("高端装备 / 机器人", "category", None),
    ]
    assert built.suggest("机器人", limit=1)[0].text == "机器人关节"
    assert built.suggest("  ") == []


def test_the_stored_item_comes_back_whole_when_it_is_found(
    engine: MakeEngine, document: MakeDocument
) -> None:
    product = document(
        "超声诊断仪",
        model="X-200",
        brand="示例",
        summary="说明",
        lists=(
            ListedIn("CX", "CX-2026-01-0001", None, "active"),
            ListedIn("TZ", "TZ-2026-01-0002", date(2029, 1, 1), "active"),
        ),
        listed_on=date(2026, 1, 2),
    )

    assert engine([product]).search(Request("x200")).hits[0].document == product


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    built = SearchEngine(tmp_path_factory.mktemp("search") / "index")
    built.rebuild(documents(200), revision=1)
    return built


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=200))
def test_search_answers_when_the_query_is_any_text(shared_engine: SearchEngine, query: str) -> None:
    result = shared_engine.search(Request(query))

    assert result.total >= len(result.hits)
    assert isinstance(shared_engine.suggest(query), list)
