"""The table of expressions that mean the same."""

from __future__ import annotations

from search import synonyms
from search.analysis import compact, fold
from search.needs import WHOLE_TRUST_LEAST
from search.synonyms import SAME_TRUST, Group, Synonyms


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


def test_the_shipped_table_is_sound_when_it_is_read() -> None:
    groups = synonyms.shipped()

    assert len(groups) > 1000
    for group in groups:
        keys = [compact(fold(expression)) for expression in group.expressions]
        assert len(keys) > 1
        assert len(set(group.expressions)) == len(group.expressions)
        assert all(keys)
    assert len(set(groups)) == len(groups)
