"""Which products answer a query, and in which order."""

from __future__ import annotations

import pytest

from search.query import Request, Result
from tests.search.conftest import MakeDocument, MakeEngine


def codes(result: Result) -> list[str]:
    return [hit.code for hit in result.hits]


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
    built = engine([document("防火卷帘"), document("外墙涂料"), document("内墙涂料")])

    result = built.search(Request("防火涂料"))

    assert (result.strictness, result.total) == ("all", 0)
    assert {hit.code for hit in result.nearest} == {"P000001", "P000002", "P000003"}


def test_nothing_comes_near_when_enough_was_found(engine: MakeEngine, document: MakeDocument) -> None:
    named = [document(f"{place}锂电池隔膜") for place in "甲乙丙丁戊己庚辛"]
    loose = [document(f"{place}涂覆隔膜") for place in "甲乙"]
    others = [document("锂电池"), *(document(f"防护膜{number}") for number in range(20))]

    few = engine([*named[:3], *others]).search(Request("锂电池隔膜"))
    many = engine([*named, *loose, *others]).search(Request("锂电池隔膜"))

    assert (few.total, [hit.document.name for hit in few.nearest]) == (3, ["锂电池"])
    assert (many.total, many.exact, many.nearest) == (10, 8, ())


def test_nothing_comes_near_when_only_its_description_holds_a_word(
    engine: MakeEngine, document: MakeDocument
) -> None:
    catalysts = [document(f"催化剂{number}", summary="catalyst CT-1 载体") for number in range(4)]
    built = engine([document("X射线断层CT机"), *catalysts, *(document(f"水泵{n}") for n in range(30))])

    result = built.search(Request("CT机"))

    assert (result.total, result.nearest) == (1, ())


def test_what_meets_part_of_a_name_follows_when_little_meets_all_of_it(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine(
        [document("涂覆隔膜"), document("锂电池隔膜"), *(document(f"防护膜{n}") for n in range(8))]
    )

    result = built.search(Request("锂电池隔膜"))

    assert (result.strictness, codes(result)) == ("most", ["P000002", "P000001"])
    assert (result.total, result.exact) == (2, 1)


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


def test_a_word_that_joins_others_is_not_taken_for_what_was_meant(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("机器人和机械手等设备")])

    assert built.search(Request("机械手臂")).corrected is None


def test_of_a_description_the_thing_alone_is_not_what_is_meant(engine, document):
    built = engine(
        [document("辣椒贴片"), document("罗替高汀贴片"), document("疤痕敷料"), document("疤痕贴片")]
    )

    names = [hit.document.name for hit in built.search(Request("淡化疤痕用的贴片")).hits]

    assert names[:2] == ["疤痕贴片", "疤痕敷料"]


def test_a_word_that_products_hold_is_kept_when_the_rest_is_corrected(engine, document):
    built = engine([document("血脂检测仪"), document("板蓝根", organization="示例香雪制药有限公司")])

    assert built.search(Request("降血脂药")).corrected is None


def test_a_product_stands_under_its_other_names_when_the_table_knows_them(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("接触镜护理液"), document("镜片清洗液")])

    result = built.search(Request("隐形眼镜护理液"))

    assert (codes(result), result.exact) == (["P000001"], 1)
    assert "接触镜护理液" in result.others


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
        "91310000MA1SHILI01",
        "９１３１００００ma1shili01",
        "91310000MA1S",
    ],
)
def test_one_product_is_found_when_its_number_or_the_beginning_of_it_is_typed(
    engine: MakeEngine, document: MakeDocument, query: str
) -> None:
    built = engine(
        [
            document(
                "监护仪",
                registration_number="示例械注准20263140001",
                source_ref="CD-03338",
                credit_code="91310000MA1SHILI01",
            ),
            document("监护仪", registration_number="示例械注准20263210002", source_ref="CD-03339"),
            document("型号 20263140001 的监护仪配件"),
        ]
    )

    assert codes(built.search(Request(query)))[0] == "P000001"


def test_a_number_is_found_by_itself_and_not_by_what_goes_on_beyond_it(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("监护仪", registration_number="示例械注准20263140001")])
    numbered = built.reader.snapshot().numbered

    assert [
        len(numbered(number, is_whole=is_whole))
        for number in ("示例械注准20263140001", "示例械注准20263140001" + "1" * 1_000, "2026314")
        for is_whole in (True, False)
    ] == [1, 1, 0, 0, 0, 1]


def test_a_long_text_is_taken_at_its_word_and_not_put_right(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine([document("骨导助听器")])

    assert built.search(Request("助听气")).corrected == "助听器"
    assert built.search(Request("助听气" + "，要好用" * 30)).corrected is None


@pytest.mark.parametrize("typed", ["ztq", "zhutingqi", "助听气"])
def test_what_was_meant_is_suggested_when_nothing_holds_what_was_typed(
    engine: MakeEngine, document: MakeDocument, typed: str
) -> None:
    built = engine([document("骨导助听器"), document("减速机")])

    assert [(each.text, each.code) for each in built.suggest(typed)] == [("骨导助听器", "P000001")]


@pytest.mark.parametrize("query", ["宠物美容", "附近的美容店", "美容仪培训班"])
def test_nothing_is_found_loosely_when_a_service_of_everyday_life_is_asked_for(
    engine: MakeEngine, document: MakeDocument, query: str
) -> None:
    assert engine([document("医疗美容仪"), document("宠物用具")]).search(Request(query)).total == 0


def test_the_category_tells_what_a_product_is_when_its_name_does_not(
    engine: MakeEngine, document: MakeDocument
) -> None:
    built = engine(
        [
            document("示例甲", category="人工智能大模型 / 通用"),
            document("示例乙", category="人工智能大模型 / 法律"),
        ]
    )

    assert codes(built.search(Request("能回答法律问题的大模型")))[0] == "P000002"
