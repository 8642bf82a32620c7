"""Phrases, minus and fields in a query."""

import pytest

from search import operators
from search.operators import FIELDS, Asked, Condition
from search.query import Request


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ('"手术机器人"', Asked("手术机器人", (Condition("手术机器人"),))),
        ("“手术机器人” 导航", Asked("手术机器人 导航", (Condition("手术机器人"),))),
        ("机器人 -软件", Asked("机器人 ", (Condition("软件", is_wanted=False),))),
        ("机器人 －“工业 软件”", Asked("机器人 ", (Condition("工业 软件", is_wanted=False),))),
        ("单位：示例仪器", Asked("示例仪器", (Condition("示例仪器", FIELDS["单位"]),))),
        ("泵 -型号:X200", Asked("泵 ", (Condition("X200", FIELDS["型号"], False),))),
    ],
)
def test_conditions_are_taken_out_when_they_are_written_so(typed, asked):
    assert operators.read(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "机器人",
        "低温 -20℃",
        "超低温冰箱 -86",
        "-196℃液氮罐",
        "B-超",
        "比例 1:2",
        "材料:钢",
        '""',
        "-",
        "- -",
        "-“”",
        "单位:",
    ],
)
def test_a_query_stays_as_it_is_when_nothing_in_it_is_a_condition(typed):
    assert operators.read(typed) == Asked(typed)


def test_half_a_quotation_leaves_no_trace():
    assert operators.read('X-200 "半个引号') == Asked("X-200 半个引号")


def test_or_means_either_and_an_unknown_field_is_told():
    assert operators.read("机器人 OR 轮椅").text == "机器人或轮椅"
    assert operators.read("机器人 | 轮椅").text == "机器人或轮椅"
    assert operators.unknown_fields("机器人 区:浦东新区 单位:仪器 -名单:首台套 foo:bar") == (
        "区",
        "名单",
        "foo",
    )
    assert operators.unknown_fields("https://example.com 1:2 机器人：轮椅 比例 3:4") == ("机器人",)


@pytest.fixture
def catalog(document, engine):
    return engine(
        [
            document("示例手术机器人", organization="示例仪器有限公司", summary="用于微创手术"),
            document("示例机器人手术台", organization="示例器械有限公司"),
            document("示例机器人控制软件", organization="示例仪器有限公司", model="X-200"),
            document("示例工业机器人", organization="示例机器人有限公司", summary="不含手术机器人功能"),
        ]
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('"手术机器人"', {"示例手术机器人", "示例工业机器人"}),
        ('名称:"手术机器人"', {"示例手术机器人"}),
        ("機器人 -軟件", {"示例手术机器人", "示例机器人手术台", "示例工业机器人"}),
        ("机器人 -手术 -软件", set()),
        ("机器人 单位:仪器", {"示例手术机器人", "示例机器人控制软件"}),
        ("机器人 -单位:仪器", {"示例机器人手术台", "示例工业机器人"}),
        ("型号:x200", {"示例机器人控制软件"}),
        ("-手术", {"示例机器人控制软件"}),
        ("机器人 -200", {"示例机器人控制软件"}),
        ("机器人 -X200", {"示例手术机器人", "示例机器人手术台", "示例工业机器人"}),
        ("机器人 -2.0T", {"示例手术机器人", "示例机器人手术台", "示例机器人控制软件", "示例工业机器人"}),
    ],
)
def test_what_is_found_meets_every_condition(catalog, query, names):
    result = catalog.search(Request(q=query))

    assert {hit.document.name for hit in result.hits} == names
    assert result.total == len(names)
    assert names.isdisjoint(hit.document.name for hit in result.nearest)


def test_conditions_cost_no_more_than_so_many_readings(catalog, monkeypatch):
    monkeypatch.setattr(operators, "READ_MOST", 1)
    view = catalog.reader.snapshot().view(Request().scopes)

    held = operators.allowed(view, [Condition("手术机器人", ("name",))], view.mask)

    assert [view.snapshot.document(number).name for number in held.nonzero()[0].tolist()] == [
        "示例手术机器人",
        "示例工业机器人",  # not read any more: its pieces stand in another field
    ]
