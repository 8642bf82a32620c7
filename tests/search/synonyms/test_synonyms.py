"""The table of expressions that mean the same."""

from __future__ import annotations

import pytest

from search import synonyms
from search.analysis import compact, fold
from search.needs import WHOLE_TRUST_LEAST
from search.query import Request
from search.synonyms import SAME_TRUST, Group, Synonyms
from tests.search.conftest import MakeDocument, MakeEngine


def test_each_expression_leads_to_the_others_when_they_mean_the_same() -> None:
    known = Synonyms([Group(("碳化硅", "SiC"))])

    assert known.of("sic") == (("碳化硅", SAME_TRUST),)
    assert known.of("碳化硅") == (("sic", SAME_TRUST),)


def test_only_the_first_leads_to_the_others_when_a_group_is_one_way() -> None:
    known = Synonyms([Group(("止痛药", "布洛芬", "吗啡"), one_way=True)])

    assert [other for other, _ in known.of("止痛药")] == ["布洛芬", "吗啡"]
    assert known.of("止痛药")[0][1] > known.of("止痛药")[1][1]
    assert [other for other, _ in known.of("布洛芬")] == ["止痛药"]
    assert known.of("布洛芬")[0][1] < WHOLE_TRUST_LEAST


def test_the_longest_expression_is_taken_when_one_begins_with_another() -> None:
    known = Synonyms([Group(("血糖", "葡萄糖")), Group(("血糖试纸", "血糖试条"))])

    assert [piece for piece, others in known.divided("家用血糖试纸盒") if others] == ["血糖试纸"]


def test_a_short_expression_is_left_alone_when_it_lies_across_words_or_inside_a_code() -> None:
    known = Synonyms([Group(("CT", "断层扫描")), Group(("水表", "远传水表"))])

    assert [piece for piece, others in known.divided("ctdna检测") if others] == []
    assert [piece for piece, others in known.divided("药水表面") if others] == []
    assert [piece for piece, others in known.divided("ct球管") if others] == ["ct"]


def test_an_expression_of_two_scripts_is_known_when_a_blank_parts_them() -> None:
    known = Synonyms([Group(("CT扫描", "断层扫描")), Group(("维生素B", "维B")), Group(("血糖仪", "血糖计"))])

    assert [piece for piece, others in known.divided("头部ct 扫描 设备") if others] == ["ct 扫描"]
    assert [piece for piece, others in known.divided("维生素 b") if others] == ["维生素 b"]
    assert [piece for piece, others in known.divided("血 糖仪") if others] == []


def test_the_shipped_table_is_sound_when_it_is_read() -> None:
    groups = synonyms.shipped()

    assert len(groups) > 1000
    for group in groups:
        keys = [compact(fold(expression)) for expression in group.expressions]
        assert len(keys) > 1
        assert len(set(group.expressions)) == len(group.expressions)
        assert all(keys)
    assert len(set(groups)) == len(groups)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("核磁共振", "3.0T超导磁共振成像系统"),
        ("核磁", "3.0T超导磁共振成像系统"),
        ("ct 扫描", "X射线计算机体层摄影设备"),
        ("拍片机", "数字化医用X射线摄影系统"),
        ("B超仪", "便携式超声诊断设备"),
        ("胃镜", "4K荧光电子胃肠镜"),
        ("肠镜", "4K荧光电子胃肠镜"),
        ("心电图机", "可穿戴心电记录仪"),
        ("心电仪", "数字心电图机"),
        ("除颤仪", "转运心脏除颤监护仪"),
        ("洗肾机", "血液透析设备"),
        ("手术灯", "手术无影灯"),
        ("暖箱", "婴儿培养箱"),
        ("护理床", "电动病床"),
        ("灭菌锅", "脉动真空灭菌器"),
        ("验血", "血细胞分析仪"),
        ("天车", "桥式起重机"),
        ("挖机", "液压挖掘机"),
        ("变电箱", "箱式变电站"),
    ],
)
def test_a_device_is_found_when_it_is_asked_for_by_its_everyday_name(
    engine: MakeEngine, document: MakeDocument, asked: str, name: str
) -> None:
    result = engine([document(name), document("扫描电子显微镜")]).search(Request(asked))

    assert result.hits[0].document.name == name
    assert result.exact == 1
