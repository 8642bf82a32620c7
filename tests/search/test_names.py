"""What names end in and how they sound."""

from __future__ import annotations

import pytest

from search.analysis.names import AT_END, BARE, PURPOSE, WHOLE, heads, spoken, unit_sounds
from search.analysis.pinyin import spelled
from search.analysis.slips import Neighbourhood


def test_a_name_ends_in_its_last_words_when_things_are_listed_or_explained() -> None:
    found = heads("低压变频器及配套产品(示例)")

    assert found["变频器"] == AT_END
    assert found["低压变频器"] == AT_END | WHOLE
    assert found["配套"] == BARE
    assert "低压" not in found


def test_what_a_thing_is_made_for_is_told_apart_when_the_name_says_so() -> None:
    found = heads("呼吸机用管路")

    assert (found["呼吸机"], found["管路"]) == (PURPOSE, AT_END)


def test_words_are_found_by_sound_and_first_letters_when_a_name_holds_them() -> None:
    assert {"dianzixueyaji", "xueyaji", "*xyj", "*dzxyj"} <= set(spoken("电子血压计"))


def test_usual_readings_are_all_known_when_a_character_has_several() -> None:
    assert {"tiaojieqi", "diaojieqi"} <= set(spoken("调节器"))


def test_a_unit_sounds_by_what_is_particular_when_its_name_has_a_legal_form() -> None:
    found = unit_sounds("上海示例启明自动化有限公司")

    assert "siliqimin" in found
    assert not any(sound.endswith("gonsi") for sound in found)


@pytest.mark.parametrize(
    ("typed", "syllables"),
    [("bianpinqi", ("bian", "pin", "qi")), ("lvse", ("lv", "se")), ("mathgpt", None), ("", None)],
)
def test_letters_are_divided_into_syllables_when_they_are_pinyin(
    typed: str, syllables: tuple[str, ...] | None
) -> None:
    assert spelled(typed) == syllables


@pytest.mark.parametrize("typed", ["tigerbto", "tigerbt", "tigerbott", "tygerbot"])
def test_a_latin_word_is_near_when_one_slip_parts_them(typed: str) -> None:
    assert Neighbourhood(["tigerbot大模型"]).near(typed) == {"tigerbot"}


def test_no_latin_word_is_near_when_two_slips_part_them() -> None:
    assert Neighbourhood(["tigerbot"]).near("tyggerbt") == set()
