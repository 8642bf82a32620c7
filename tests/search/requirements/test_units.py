"""Units as tender files write them."""

from fractions import Fraction

import pytest

from search.requirements import units
from search.requirements.text import fold


def parsed(text):
    return units.parse(fold(text))


def ratio(first, second):
    [one], [other] = parsed(first), parsed(second)
    assert one.dimensions == other.dimensions
    return one.factor / other.factor


@pytest.mark.parametrize(
    ("first", "second", "factor"),
    [
        ("MPa", "kPa", 1000), ("bar", "kPa", 100), ("mmHg", "Pa", Fraction("133.322387415")),
        ("psi", "Pa", Fraction("6894.757293168")), ("r/min", "rpm", 1), ("转/分", "转每分钟", 1), ("L/min", "mL/s", Fraction(50, 3)),
        ("英寸", "mm", Fraction("25.4")), ("inch", "英寸", 1), ("吨", "公斤", 1000), ("t", "kg", 1000), ("μm", "nm", 1000),
        ("um", "微米", 1), ("小时", "min", 60), ("天", "h", 24), ("年", "个月", 12), ("‰", "%", Fraction(1, 10)),
        ("ppm", "%", Fraction(1, 10_000)), ("kW", "W", 1000), ("千瓦", "kW", 1), ("KW", "kW", 1), ("kWh", "kJ", 3600), ("马力", "W", Fraction("735.49875")),
        ("mAh", "Ah", Fraction(1, 1000)), ("Mbps", "kbit/s", 1000), ("Gb/s", "Mbps", 1000), ("次/小时", "次/天", 24),
        ("mmol/L", "mol/L", Fraction(1, 1000)), ("mol·L⁻¹", "mol/L", 1), ("W/(m·K)", "W/(m·℃)", 1), ("㎡", "cm²", 10_000), ("cm3", "mL", 1),
        ("万次", "次", 10_000), ("百万/mL", "/mL", 10**6), ("fps", "帧/秒", 1), ("cP", "mPa·s", 1), ("kHz", "次/秒", 1000), ("lx", "lm/m²", 1),
    ],
)  # fmt: skip
def test_a_unit_is_converted_exactly_when_both_measure_the_same(first, second, factor):
    assert ratio(first, second) == factor


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("dB", "dB(A)"),
        ("%", "%FS"),
        ("年", "天"),
        ("级", "个"),
        ("Nm³", "m³"),
        ("VA", "个"),
        ("线对/mm", "个/mm"),
    ],
)
def test_units_do_not_compare_when_they_measure_different_things(first, second):
    [one], [other] = parsed(first), parsed(second)

    assert not one.compares_with(other)


def test_a_unit_keeps_every_reading_when_its_letters_do_not_settle_it():
    assert {unit.factor for unit in parsed("mw")} == {
        unit.factor for text in ("mW", "MW") for unit in parsed(text)
    }
    assert len(parsed("HP")) == 2
    assert len(parsed("GB")) == 2


def test_any_counted_thing_compares_with_the_plain_number_of_things():
    assert parsed("路")[0].compares_with(parsed("个")[0])
    assert not parsed("路")[0].compares_with(parsed("片")[0])
    assert parsed("台")[0].compares_with(units.PLAIN[0])


@pytest.mark.parametrize("text", ["喜悦", "qqq", "m" * 60, "((m", "m)", "m^99", "10^999m", "//", "√√m", "/"])
def test_what_is_no_unit_has_no_reading(text):
    assert parsed(text) == ()


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("MHz以上", "MHz"),
        ("mm的厚度", "mm"),
        ("小时及以上", "小时"),
        ("CPU服务器", ""),
        ("路视频", "路"),
        ("dB(A)，距离", "dB(A)"),
    ],
)
def test_the_unit_ends_where_words_begin(text, unit):
    assert units.longest(fold(text))[0] == fold(unit)
