"""One analysis of records and queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import canonical, query_terms, spans, terms


@pytest.mark.parametrize("spelling", ["X-200", "X200", "x 200", "Ｘ－２００", "x—200", "X\u200b200"])
def test_a_model_code_has_one_form_when_it_is_spelled_differently(spelling: str) -> None:
    assert query_terms(spelling) == ("x200",)
    assert {"x", "200", "x200"} <= set(terms(spelling))


def test_a_registration_number_is_found_whole_and_in_parts_when_it_is_long() -> None:
    held = set(terms("Shanghai-TigerBot-20231106"))

    for query in ("Shanghai-TigerBot-20231106", "tigerbot 20231106", "TigerBot-20231106", "20231106"):
        assert set(query_terms(query)) <= held


def test_a_code_of_many_parts_is_asked_for_in_windows_when_it_exceeds_the_joinings() -> None:
    code = "A-1-B-2-C-3"

    assert query_terms(code) == ("a1b2", "1b2c", "b2c3")
    assert set(query_terms(code)) <= set(terms(code))


@pytest.mark.parametrize("spelling", ["首台套", "首台（套）", "首台(套)", "首台 ( 套 )"])
def test_first_set_equipment_is_one_word_when_it_is_bracketed(spelling: str) -> None:
    assert query_terms(f"{spelling}装备") == ("首台", "台套", "套装", "装备")


def test_traditional_characters_give_the_terms_of_simplified_ones_when_both_exist() -> None:
    assert query_terms("機器人") == query_terms("机器人") == ("机器", "器人")
    assert terms("軌道交通信號系統") == terms("轨道交通信号系统")


def test_a_lone_character_is_asked_for_itself_when_signs_or_latin_letters_surround_it() -> None:
    assert query_terms("PCR仪") == ("pcr", "仪")
    assert query_terms("，镜。") == ("镜",)


@pytest.mark.parametrize("query", ["", "  ", "！？、。《》", "\"'((", "\ud800", "\x00\x01"])
def test_nothing_is_asked_for_when_a_query_holds_only_signs(query: str) -> None:
    assert query_terms(query) == ()


@given(st.text(max_size=60))
def test_a_text_holds_all_terms_of_itself_when_it_is_used_as_a_query(text: str) -> None:
    assert set(query_terms(text)) <= set(terms(text))


@given(st.text(alphabet="机器人超声磁共振X-20 （）套", max_size=30))
def test_places_of_terms_lie_within_the_text_when_it_is_any_text(text: str) -> None:
    whole = canonical(text)

    assert [term for term, _, _ in spans(whole)] == terms(text)
    assert all(0 <= start < end <= len(whole) for _, start, end in spans(whole))
