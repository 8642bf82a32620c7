"""What a query is understood to ask for."""

from __future__ import annotations

import pytest

from search.needs import GENERIC_SHARE, SETTING_SHARE, understand
from search.synonyms import Group, Synonyms

KNOWN = Synonyms(
    [
        Group(("隐形眼镜", "接触镜")),
        Group(("走路", "步态", "行走"), one_way=True),
        Group(("PACS", "影像 传输")),
    ]
)


def asked(query: str) -> list[str]:
    return [need.text for need in understand(query, KNOWN).needs]


def test_joining_words_are_left_out_when_a_request_is_divided() -> None:
    assert asked("能给病房空气消毒的机器") == ["病房", "空气", "消毒", "机器"]


def test_what_is_parted_by_or_is_one_need_when_either_would_do() -> None:
    for query in ("手术导板或骨模型", "手术导板和骨模型", "手术导板、骨模型"):
        assert [[wording.text for wording in need.wordings] for need in understand(query, KNOWN).needs] == [
            ["手术"],
            ["骨"],
            ["导板", "模型"],
        ]


def test_what_describes_is_joined_with_its_neighbour_and_not_with_the_thing() -> None:
    needs = understand("屋顶和地下室防漏水的卷材或涂料", KNOWN).needs

    joined = [[wording.text for wording in need.wordings] for need in needs if len(need.wordings) > 1]
    assert ["屋顶", "地下室"] in joined
    assert ["卷材", "涂料"] in joined


def test_where_and_for_whom_it_works_weighs_half() -> None:
    shares = {need.text: need.share for need in understand("仓库里搬运货物的小车", KNOWN).needs}

    assert shares["仓库"] == SETTING_SHARE * shares["货物"]


def test_what_shall_not_be_is_not_asked_for() -> None:
    needs = understand("不用插管、吞下去就能检查的胶囊", KNOWN).needs

    assert "插管" not in {need.text for need in needs}
    assert needs[-1].text == "胶囊"


def test_an_unknown_word_stays_together_when_the_dictionary_cuts_it_up() -> None:
    assert "猫粮" in asked("进口猫粮")


def test_a_guess_at_an_unknown_word_gives_back_the_joining_word_that_clings_to_it() -> None:
    assert asked("自己就能产氧的机器") == ["自己", "产氧", "机器"]
    assert asked("给憋气的人用的产品") == ["憋气", "产品"]


def test_a_word_for_any_device_weighs_little_when_another_tells_what_it_is() -> None:
    needs = understand("病房消毒设备", KNOWN).needs

    assert needs[-1].share == GENERIC_SHARE
    assert min(need.share for need in needs[:-1]) > GENERIC_SHARE


def test_an_instrument_is_also_looked_for_by_what_it_measures_when_its_name_ends_so() -> None:
    (need,) = understand("血糖仪", KNOWN).needs

    assert [wording.text for wording in need.wordings] == ["血糖仪", "血糖"]


def test_the_whole_query_is_said_in_other_words_when_a_part_has_some() -> None:
    whole = understand("隱形眼鏡护理液", KNOWN).whole

    assert [wording.text for wording in whole] == ["隐形眼镜护理液", "接触镜护理液"]


def test_a_code_is_one_need_when_signs_stand_in_it() -> None:
    assert [need.wordings[0].terms for need in understand("X-200 电机", KNOWN).needs] == [
        ("x200",),
        ("电机",),
    ]


def test_words_of_an_expression_may_stand_apart_when_blanks_part_them() -> None:
    whole = understand("PACS系统", KNOWN).whole

    assert ("影像", "传输", "系统") in [wording.terms for wording in whole] or whole[1].terms == (
        "影像",
        "传输",
        "输系",
        "系统",
    )


@pytest.mark.parametrize(
    ("query", "is_sentence"), [("治疗近视的眼镜", True), ("锂电池隔膜", False), ("MES", False)]
)
def test_a_sentence_is_told_from_a_name_when_joining_words_stand_in_it(query: str, is_sentence: bool) -> None:
    assert understand(query, KNOWN).is_sentence is is_sentence
