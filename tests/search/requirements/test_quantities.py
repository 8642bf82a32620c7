"""Numbers, comparisons and spans in the wordings of tender files."""

from fractions import Fraction

import pytest

from search.requirements.numerals import with_digits
from search.requirements.quantities import Kind, quantities
from search.requirements.text import fold


def read(text):
    [quantity] = quantities(with_digits(fold(text)))
    return quantity.kind, quantity.values, quantity.unit_text


@pytest.mark.parametrize(
    ("text", "kind", "values", "unit"),
    [
        ("主频≥200MHz", Kind.AT_LEAST, (200,), "MHz"),
        ("主频 >= 200 MHz", Kind.AT_LEAST, (200,), "MHz"),
        ("寿命不低于3,000小时", Kind.AT_LEAST, (3000,), "小时"),
        ("寿命不得少于三千小时", Kind.AT_LEAST, (3000,), "小时"),
        ("收率达到百分之九十五以上", Kind.AT_LEAST, (95,), "%"),
        ("至少支持十六路视频", Kind.AT_LEAST, (16,), "路"),
        ("大于或等于5台", Kind.AT_LEAST, (5,), "台"),
        ("噪声不应高于55dB(A)", Kind.AT_MOST, (55,), "dB(A)"),
        ("重量20公斤以内", Kind.AT_MOST, (20,), "公斤"),
        ("偏差控制在5%以下", Kind.AT_MOST, (5,), "%"),
        ("功率大于5kW", Kind.MORE_THAN, (5,), "kW"),
        ("超过 100 台", Kind.MORE_THAN, (100,), "台"),
        ("误差小于0.5mm", Kind.LESS_THAN, (Fraction(1, 2),), "mm"),
        ("分辨率优于0.1nm", Kind.BETTER_THAN, (Fraction(1, 10),), "nm"),
        ("工作温度-20℃~+60℃", Kind.RANGE, (-20, 60), "°C"),
        ("电压 100-240V", Kind.RANGE, (100, 240), "V"),
        ("厚度介于10与20mm之间", Kind.RANGE, (10, 20), "mm"),
        ("孔径10μm至0.5mm", Kind.RANGE, (Fraction(1, 100), Fraction(1, 2)), "mm"),
        ("电压220V±10%", Kind.RANGE, (198, 242), "V"),
        ("电压(220±22)V", Kind.RANGE, (198, 242), "V"),
        ("误差不超过±0.5%", Kind.MAGNITUDE, (Fraction(1, 2),), "%"),
        ("重量约10kg", Kind.ABOUT, (10,), "kg"),
        ("重量20公斤左右", Kind.ABOUT, (20,), "公斤"),
        ("次数≥1.5×10⁶次", Kind.AT_LEAST, (1_500_000,), "次"),
        ("浓度1E-3 mol/L", Kind.EXACTLY, (Fraction(1, 1000),), "mol/L"),
        ("外形尺寸不大于600mm×500mm×400mm", Kind.AT_MOST, (600, 500, 400), "mm"),
        ("质保两年", Kind.EXACTLY, (2,), "年"),
        ("对比度≥2000:1", Kind.AT_LEAST, (2000,), ":1"),
    ],
)
def test_a_quantity_is_read_in_each_wording(text, kind, values, unit):
    assert read(text) == (kind, values, unit)


@pytest.mark.parametrize(
    "text",
    [
        "型号X-200",
        "支持5G通信",
        "防护等级IP54",
        "FP16",
        "DCI-P3色域",
        "2026-11-21",
        "颗粒（≥32nm）",
        "一次到位率",
        "三维成像",
        "1" * 80,
    ],
)
def test_a_name_or_a_date_or_a_condition_is_no_quantity(text):
    assert list(quantities(with_digits(fold(text)))) == []


def test_a_raised_exponent_is_never_read_as_more_digits():
    assert read("不低于10⁶次")[1] == (10**6,)
    assert [quantity.values for quantity in quantities(fold("约1×106 mm"))] == [(1, 106)]


@pytest.mark.parametrize("text", ["不低于60~20℃", "≥5台以下", "不超过10~20"])
def test_a_contradiction_is_not_read(text):
    assert list(quantities(fold(text))) == []
