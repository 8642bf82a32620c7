"""Answers of the engine, checked against scoring every document by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.documents import PUBLIC, Document, ListedIn
from search.engine import SearchEngine
from search.query import (
    MAX_QUERY_CHARACTERS,
    QueryTooLongError,
    Request,
    Result,
    Suggestion,
    Value,
    validate_query,
)
from tests.search.conftest import MakeDocument, MakeEngine
from tests.search.corpus import documents
from tests.search.formula import by_hand

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


def test_names_come_as_in_a_dictionary(engine, document):
    named = [
        "重症监护仪",
        "下肢训练器",
        "ABC检测仪",
        "世纪机床",
        "重庆小面机",
        "安全阀",
        "6英寸晶圆",
        "下肢按摩器",
    ]

    found = engine([document(name) for name in named]).search(Request(sort="name"))

    assert [hit.document.name for hit in found.hits] == [
        "6英寸晶圆", "ABC检测仪", "安全阀", "世纪机床", "下肢按摩器", "下肢训练器", "重庆小面机", "重症监护仪",
    ]  # fmt: skip


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

    spelled = ("jiqiren", "jqr", "机器任", "传感期", "示例起明", "CX-2026", "示例械注准2026")
    for query in ("", *QUERIES, "手术机器人用于远程操作的设备", *spelled):
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


@pytest.mark.parametrize("typed", ["SR-7", "sr7", "ｓｒ 7"])
def test_products_are_suggested_by_a_model_when_no_name_holds_it(
    engine: MakeEngine, document: MakeDocument, typed: str
) -> None:
    built = engine(
        [
            document("手术机器人", model="SR-7"),
            document("减速机", model="SR-9"),
            document("内窥镜", model="SR-7", scope="not_published"),
        ]
    )

    assert built.suggest(typed) == [Suggestion("手术机器人", "product", "P000001")]
    assert built.suggest("SR-8") == []


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
